// One request at the connector: names, SID, key pair, PKCS#10, submission, PFX, encryption; and one revocation.
#include "connector/host/certificate_connector.h"
#include "connector/rules.h"
#include "core/pki/pfx.h"

namespace mimica::connector {
namespace {

constexpr std::size_t kPasswordOctets = 24;
constexpr KeySpec kDefaultKey{KeyKind::rsa, 2048};

std::vector<Extension> request_extensions(const CertificateRequest& request, const EncodedNames& names,
                                          const std::optional<Sid>& sid) {
  std::vector<Extension> extensions;
  if (!names.sans.empty())
    extensions.push_back({oids::kSubjectAltName, names.subject.empty(), encode_general_names(names.sans)});
  std::vector<Oid> usages;
  for (const ExtendedKeyUsage& usage : request.key_usages)
    if (auto oid = Oid::parse(usage.oid)) usages.push_back(*std::move(oid));
  if (!usages.empty()) extensions.push_back({oids::kExtendedKeyUsage, false, ext::oid_list(usages)});
  if (sid) extensions.push_back({oids::kSidExtension, false, ext::sid(*sid)});
  return extensions;
}

std::vector<std::pair<std::string, std::string>> request_attributes(const CertificateRequest& request) {
  std::vector<std::pair<std::string, std::string>> attributes{{"CertificateTemplate", request.template_name}};
  if (request.validity_value && request.validity_scale) {
    const ValidityScale scale = *request.validity_scale;
    attributes.emplace_back("ValidityPeriod", scale == ValidityScale::days     ? "Days"
                                              : scale == ValidityScale::months ? "Months"
                                                                               : "Years");
    attributes.emplace_back("ValidityPeriodUnits", std::to_string(*request.validity_value));
  }
  return attributes;
}

}  // namespace

Result<Processed> CertificateConnector::issue(const CertificateRequest& request, const NamingOptions& naming,
                                              EnrollmentPort& port, KeySource& keys, Entropy& entropy) {
  Processed done;
  done.request = request;
  done.issuance.connector = settings_.host;
  done.issuance.connector_version = settings_.version;
  done.issuance.sid_switch = sid_switch_in_effect();
  done.issuance.key_origin = "connector:" + settings_.host;
  Trace& trace = done.trace;
  const auto fail = [&](IssuanceState state) {
    done.kind = Processed::Kind::failed;
    done.state = state;
    const Step* deciding = trace.deciding();
    done.code = deciding == nullptr ? Code{} : deciding->code;
    return done;
  };

  if (settings_.version < kOldestIssuingRelease) {
    trace.fail(rule::kHostSupport, HResult::ERROR_NOT_SUPPORTED,
               settings_.host + " runs release " + settings_.version.to_string());
    return fail(IssuanceState::request_creation_failed);
  }
  trace.pass(rule::kHostSupport, settings_.host + " runs release " + settings_.version.to_string());
  if (caller().empty() || !settings_.domain_joined) {
    trace.fail(rule::kHostDomainJoined, HResult::E_ACCESSDENIED, settings_.host + " is not a member of a domain");
    return fail(IssuanceState::request_submit_failed);
  }
  trace.pass(rule::kHostDomainJoined, "requests go out as " + caller());

  Decision<EncodedNames> names = encode_names(request.names, naming);
  trace.append(std::move(names.trace));
  if (!names.granted) return fail(IssuanceState::request_creation_failed);

  Decision<bool> add_sid = decide_sid(request.sid);
  trace.append(std::move(add_sid.trace));
  if (!add_sid.granted) return fail(IssuanceState::request_creation_failed);

  const std::string where = request.ca_host + "\\" + request.ca_name;
  const auto unreachable = [&](const Fault& error) {
    trace.fail(rule::kAuthorityReachable, error.code, where + ": " + error.what, {}, error.hint);
    return fail(IssuanceState::request_submit_failed);
  };
  const auto facts = port.template_facts(request.ca_host, request.ca_name, request.template_name);
  if (!facts) return unreachable(facts.error());
  KeySpec spec = kDefaultKey;
  if (*facts && (*facts)->key.bits > 0) spec = (*facts)->key;
  MIMICA_TRY(const PrivateKey key, keys.key(spec));
  RequestSpec content;
  content.subject = names.granted->subject;
  content.extensions =
      request_extensions(request, *names.granted, *add_sid.granted ? request.sid : std::optional<Sid>{});
  MIMICA_TRY(done.pkcs10, make_request(content, key));

  Submission submission{request.ca_host,       request.ca_name, caller(),
                        request.template_name, done.pkcs10,     request_attributes(request)};
  const auto answer = port.submit(submission);
  if (!answer) return unreachable(answer.error());
  trace.pass(rule::kAuthorityReachable, where);
  done.issuance.ca_request_id = answer->request_id;
  const std::string row = answer->request_id ? "request " + std::to_string(*answer->request_id) : "the request";
  switch (answer->disposition) {
    case Disposition::issued:
      break;
    case Disposition::pending: {
      trace.fail(rule::kAuthorityHeld, HResult::E_PENDING, where + " holds " + row + ": " + answer->message);
      trace.append(answer->trace);
      done.kind = Processed::Kind::held;
      done.state = IssuanceState::issue_pending;
      done.code = HResult::E_PENDING;
      return done;
    }
    case Disposition::denied:
    case Disposition::error: {
      trace.fail(rule::kAuthorityIssued, answer->code, where + " refused " + row + ": " + answer->message);
      trace.append(answer->trace);
      fail(IssuanceState::issue_failed);
      done.code = answer->code;
      return done;
    }
  }
  trace.pass(rule::kAuthorityHeld);
  trace.pass(rule::kAuthorityIssued, where + " issued " + row);
  trace.append(answer->trace);
  done.certificate = answer->certificate;
  done.chain = answer->chain;
  MIMICA_TRY(const Certificate certificate, Certificate::parse(answer->certificate));

  if (*facts && !(*facts)->exportable_key) {
    trace.fail(rule::kPfxExportable, HResult::NTE_BAD_KEY_STATE,
               "template " + request.template_name +
                   " does not allow the key to be exported; the certificate stays at the "
                   "certification authority");
    return fail(IssuanceState::response_processing_failed);
  }
  trace.pass(rule::kPfxExportable);

  Pfx pfx;
  pfx.key = key;
  pfx.certificate = certificate;
  for (const Bytes& der : answer->chain) {
    MIMICA_TRY(Certificate authority, Certificate::parse(der));
    if (settings_.pfx_includes_chain && !authority.self_issued()) pfx.chain.push_back(std::move(authority));
  }
  const std::string password = to_base64(entropy.bytes(kPasswordOctets));
  MIMICA_TRY(const Bytes file, make_pfx(pfx, password));
  const auto device = Certificate::parse(request.device_certificate);
  auto sealed = device ? cms_encrypt(file, *device) : Result<Bytes>(device.error());
  auto sealed_password = device ? cms_encrypt(as_bytes(password), *device) : Result<Bytes>(device.error());
  if (!sealed || !sealed_password) {
    const Fault& error = !sealed ? sealed.error() : sealed_password.error();
    trace.fail(rule::kPfxRecipient, error.code.index() == 0 ? Code(HResult::E_FAIL) : error.code, error.what);
    return fail(IssuanceState::response_processing_failed);
  }
  trace.pass(rule::kPfxRecipient, device->subject().to_cert_str());
  done.payload = {*std::move(sealed), *std::move(sealed_password)};
  done.kind = Processed::Kind::issued;
  done.state = IssuanceState::response_pending;
  done.code = HResult::S_OK;
  return done;
}

Result<Processed> CertificateConnector::revoke(const CertificateRequest& request, EnrollmentPort& port) {
  Processed done;
  done.request = request;
  const std::string where = request.ca_host + "\\" + request.ca_name;
  const auto answer = port.revoke(request.ca_host, request.ca_name, caller(), request.serial, request.reason);
  if (!answer) {
    done.trace.fail(rule::kAuthorityReachable, answer.error().code, where + ": " + answer.error().what, {},
                    answer.error().hint);
    done.code = answer.error().code;
  } else if (!answer->revoked) {
    done.trace.pass(rule::kAuthorityReachable, where);
    done.trace.fail(rule::kRevocationExecuted, answer->code,
                    where + " did not revoke serial " + request.serial + " for " + caller());
    done.trace.append(answer->trace);
    done.code = answer->code;
  } else {
    done.trace.pass(rule::kAuthorityReachable, where);
    done.trace.pass(rule::kRevocationExecuted, "serial " + request.serial);
    done.trace.append(answer->trace);
    done.kind = Processed::Kind::revoked;
    done.state = IssuanceState::revoked;
    done.code = HResult::S_OK;
  }
  return done;
}

}  // namespace mimica::connector
