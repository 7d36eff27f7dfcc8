#include "ca/request/signed_request.h"

#include "ca/request/cmc.h"
#include "core/pki/cms.h"

namespace mimica::ca {
namespace {

CmsAttribute name_value_pair(const std::string& name, const std::string& value) {
  return {oids::kNameValuePair, {der::sequence({der::bmp_string(name), der::bmp_string(value)})}};
}

}  // namespace

Result<Bytes> make_signed_request(const SignedRequestSpec& spec) {
  if (spec.format != RequestFormat::pkcs7 && spec.format != RequestFormat::cmc)
    return fault(HResult::E_INVALIDARG, "a " + std::string(to_string(spec.format)) + " carries no signers");
  RequestSpec request = spec.request;
  if (spec.renews) request.attributes.emplace_back(kRenewalCertificate, std::vector<Bytes>{spec.renews->der()});
  MIMICA_TRY(const Bytes pkcs10, make_request(request, spec.key));
  CmsFields message;
  std::vector<CmsAttribute> signed_attributes;
  if (spec.format == RequestFormat::cmc) {
    PkiData data;
    data.pkcs10 = pkcs10;
    data.registration_info = spec.pairs;
    if (!spec.requester_name.empty()) data.registration_info.emplace_back("requestername", spec.requester_name);
    message.content_type = oids::kPkiData;
    message.content = make_pki_data(data);
    CmsSignerFields own;
    own.key = spec.key;
    message.signers.push_back(std::move(own));
  } else {
    message.content = pkcs10;
    if (!spec.requester_name.empty())
      signed_attributes.push_back(name_value_pair("requestername", spec.requester_name));
  }
  for (const RequestSigner& signer : spec.signers) {
    message.certificates.push_back(signer.certificate);
    CmsSignerFields fields;
    fields.key = signer.key;
    fields.certificate = signer.certificate;
    fields.signed_attributes = signed_attributes;
    message.signers.push_back(std::move(fields));
  }
  return make_signed_data(message);
}

}  // namespace mimica::ca
