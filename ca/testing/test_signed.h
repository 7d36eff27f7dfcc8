// Signed requests of tests: an agent's and a renewal, good until a test changes one thing.
#pragma once

#include "ca/request/signed_request.h"
#include "ca/testing/test_policy.h"

namespace mimica::ca {

inline const Extension kAgentPurpose{oids::kExtendedKeyUsage, false, ext::oid_list({oids::kCertificateRequestAgent})};
inline const Oid kIssuancePolicy{"1.3.6.1.4.1.311.21.8.1.1.401"};

// An agent asks for the User template on behalf of jane.
struct OnBehalf : PolicyCase {
  PrivateKey agent_key = fixed_key("p-256", 2);
  SignedRequestSpec spec;

  explicit OnBehalf(RequestFormat format = RequestFormat::pkcs7, std::vector<Extension> purposes = {kAgentPurpose}) {
    behalf = account;
    behalf_token = token;
    account.sam_account_name = "agent";
    account.cn = "Agent";
    account.upn = "agent@contoso.com";
    account.sid = kTestDomain.with_rid(1200);
    token.user = account.sid;
    token.sids = {account.sid, kTestDomain.with_rid(rid::kDomainUsers), sids::kAuthenticatedUsers, sids::kEveryone};
    spec.format = format;
    spec.key = key;
    spec.requester_name = "CONTOSO\\jane";
    spec.signers = {{agent_key, certify(agent_key, std::move(purposes))}};
    sign();
  }
  void sign() { request = must(make_signed_request(spec)); }
};

// Jane renews a certificate of a version 2 template.
struct Renewal : PolicyCase {
  SignedRequestSpec spec;
  PrivateKey old_key = fixed_key("p-256", 4);
  Certificate old;

  explicit Renewal(RequestFormat format = RequestFormat::cmc) {
    templates::CertificateTemplate& value = version2();
    old = certify(old_key,
                  {{oids::kTemplateInfo, false, ext::template_info({value.oid, 100, 1})},
                   {oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth})},
                   san_extension({upn_name("jane@contoso.com")})},
                  "CN=Jane Doe");
    spec.format = format;
    spec.key = key;
    spec.renews = old;
    spec.signers = {{old_key, old}};
    sign();
  }
  void sign() { request = must(make_signed_request(spec)); }
  templates::CertificateTemplate& value() { return of("User"); }
};

}  // namespace mimica::ca
