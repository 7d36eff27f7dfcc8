// The whole way from request bytes and attribute text to a decision. Input: one octet of options, two octets of
// attribute length, the attributes, the request. With option 1 the rest is not a request but the material of one that
// is signed here (subject text and extension values), so that hostile contents get past the proof of possession.
//
// Properties: nothing is granted without a passed Enroll check on a template that the CA publishes, a granted plan
// signs to a certificate that parses and carries exactly the enabled extensions, and a refusal always has a code and a
// rule.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "ca/issue/issue.h"
#include "ca/policy/policy.h"
#include "ca/rules.h"
#include "templates/catalogue.h"

namespace {

using namespace mimica;

void require(bool holds) {
  if (!holds) std::abort();
}

struct World {
  Sid domain = *Sid::parse("S-1-5-21-1-2-3");
  PrivateKey key = *PrivateKey::generate({KeyKind::ec, 256});
  Certificate ca_certificate;
  Bytes key_id;
  ca::CaConfig config = ca::default_config(ca::CaType::enterprise_sub, domain);
  std::vector<templates::CertificateTemplate> catalogue =
      templates::built_in_templates({Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), domain});
  templates::Publication publication;
  ldap::Account account;
  Token token;

  World() {
    const PublicKey public_key = key.public_key();
    key_id = public_key.key_identifier();
    CertificateFields fields;
    fields.serial = {0x10};
    fields.subject_der = fields.issuer_der = Name::parse_rfc4514("CN=CA")->to_der();
    fields.not_before = {1700000000};
    fields.not_after = {2000000000};
    fields.spki = public_key.spki();
    fields.extensions = {{oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(key_id)}};
    ca_certificate = *Certificate::parse(*sign_certificate(fields, key, Digest::sha256));
    publication = {"CA", {"User", "WebServer", "Machine", "SubCA"}, 6};
    // Enroll on User comes through Domain Users; WebServer is granted here and takes its subject from the request.
    for (templates::CertificateTemplate& value : catalogue) {
      if (value.cn != "WebServer" && value.cn != "SubCA") continue;
      if (value.cn == "WebServer")
        grant(*value.security, domain.with_rid(1104), access::kControlAccess, guids::kEnroll);
    }
    config.EditFlags |= ca::editf::kAttributeEndDate | ca::editf::kAttributeSubjectAltName2;
    account.dn = "CN=Jane,CN=Users,DC=contoso,DC=com";
    account.cn = "Jane";
    account.sam_account_name = "jane";
    account.upn = account.mail = "jane@contoso.com";
    account.sid = domain.with_rid(1104);
    token = {account.sid, {account.sid, domain.with_rid(513), sids::kAuthenticatedUsers}};
  }
};

Bytes signed_request(const World& world, BytesView material) {
  const std::vector<Oid> types = {
      oids::kSubjectAltName,   oids::kSidExtension,        oids::kTemplateName,           oids::kTemplateInfo,
      oids::kKeyUsage,         oids::kExtendedKeyUsage,    oids::kSmimeCapabilities,      oids::kSubjectKeyIdentifier,
      oids::kBasicConstraints, oids::kApplicationPolicies, oids::kAuthorityKeyIdentifier, Oid("1.2.3.4")};
  RequestSpec spec;
  std::size_t at = 0;
  const auto chunk = [&](std::size_t size) {
    size = std::min(size, material.size() - at);
    const BytesView view = material.subspan(at, size);
    at += size;
    return view;
  };
  if (at < material.size()) {
    const std::size_t size = material[at++];
    if (Result<Name> subject = Name::parse_rfc4514(as_text(chunk(size)))) spec.subject = *std::move(subject);
  }
  while (at + 2 <= material.size() && spec.extensions.size() < 16) {
    const std::uint8_t selector = material[at++];
    const std::size_t size = material[at++];
    spec.extensions.push_back(
        {types[(selector & 0x7FU) % types.size()], (selector & 0x80U) != 0, to_bytes(chunk(size))});
  }
  Result<Bytes> request = make_request(spec, world.key);
  return request ? *std::move(request) : Bytes{};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  if (size < 3) return 0;
  const BytesView input(data, size);
  const std::size_t attribute_size = std::min<std::size_t>(size - 3, std::size_t{input[1]} << 8U | input[2]);
  const std::string attributes(as_text(input.subspan(3, attribute_size)));
  const BytesView rest = input.subspan(3 + attribute_size);
  const Bytes request = (input[0] & 1U) != 0 ? signed_request(world, rest) : to_bytes(rest);

  Decision<ca::IncomingRequest> incoming = ca::read_request(request, attributes);
  require(incoming.granted.has_value() == (incoming.trace.deciding() == nullptr));
  if (!incoming) {
    require(ca::is_processing_error(*incoming.trace.deciding()->rule));
    return 0;
  }
  const Bytes no_urls;
  ca::PolicyInput policy;
  policy.config = &world.config;
  policy.ca_certificate = &world.ca_certificate;
  policy.authority_key_id = &world.key_id;
  policy.revocation = &no_urls;
  policy.authority_access = &no_urls;
  policy.request = &*incoming.granted;
  policy.requester = &world.account;
  policy.token = &world.token;
  policy.requester_name = "CONTOSO\\jane";
  policy.domain = {"contoso.com", "CONTOSO"};
  policy.templates = world.catalogue;
  policy.publication = &world.publication;
  policy.signers.resize(incoming.granted->signers.size());  // whoever signed is trusted
  policy.now = {1732089600};
  policy.new_request = (input[0] & 2U) == 0;
  const Decision<ca::Plan> decision = ca::decide(policy);
  if (!decision) {
    require(decision.trace.deciding() != nullptr && std::holds_alternative<HResult>(decision.code));
    return 0;
  }
  require(decision.trace.has("templates.permission.enroll", Verdict::pass));
  require(decision.trace.has("templates.catalog.published", Verdict::pass));
  require(decision.trace.has("ca.request.signature", Verdict::pass));
  require(trace_from_json(trace_to_json(decision.trace), ca::rules_in_traces()).has_value());
  const ca::Plan::Content& content = decision.granted->content();
  require(content.template_cn == "User" || content.template_cn == "WebServer");
  require(content.fields.not_after <= world.ca_certificate.not_after());
  require(content.fields.not_before < content.fields.not_after);
  const Bytes serial = {0x61, 1};
  const Result<Bytes> der = ca::issue(*decision.granted, serial, world.key);
  require(der.has_value());
  const Result<Certificate> certificate = Certificate::parse(*der);
  require(certificate.has_value());
  require(!certificate->is_ca());
  require(certificate->extensions() == content.fields.extensions);
  const std::optional<Sid> sid = certificate->sid();
  if (content.template_cn == "User") require(sid == world.account.sid);
  return 0;
}
