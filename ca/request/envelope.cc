#include "ca/request/envelope.h"

#include <algorithm>
#include <optional>

#include "ca/registry/subject_template.h"
#include "ca/request/cmc.h"
#include "core/base/text.h"
#include "core/pki/certificate_parts.h"
#include "core/pki/cms.h"

namespace mimica::ca {
namespace {

const Oid kArchivedKey{"1.3.6.1.4.1.311.21.13"};  // szOID_ARCHIVED_KEY_ATTR

bool is_der_sequence(BytesView bytes) { return bytes.size() > 2 && bytes[0] == tag::kSequence; }

// What a SEQUENCE holds first, one level down: PKCS#10 has SEQUENCE { INTEGER, SPKAC has SEQUENCE { SEQUENCE.
std::uint8_t second_tag(BytesView der) {
  DerReader outer(der);
  auto sequence = outer.enter(tag::kSequence);
  if (!sequence || sequence->peek() != tag::kSequence) return 0;
  auto inner = sequence->enter(tag::kSequence);
  return inner ? inner->peek() : std::uint8_t{0};
}

// "Null signature" (MS-WCCE 2.2.2.6.5): a digest where the signature belongs; allowed inside CMS only.
bool has_null_signature(BytesView pkcs10) {
  const auto parts = detail::parse_signed(pkcs10, kMaxRequestSize, "certificate request");
  if (!parts) return false;
  DerReader reader(parts->algorithm);
  auto algorithm = reader.enter(tag::kSequence);
  if (!algorithm) return false;
  const auto oid = algorithm->oid();
  if (!oid) return false;
  const std::optional<Digest> hash = digest_named(*oid);
  return hash && std::ranges::equal(digest(*hash, parts->body), parts->signature);
}

Code code_of(const Fault& fault) {
  return std::holds_alternative<HResult>(fault.code) ? fault.code : Code{HResult::CRYPT_E_ASN1_CORRUPT};
}

// MS-WCCE 2.2.2.6.4.2: the words of SubjectTemplate, their OIDs, and these short forms.
Oid subject_attribute(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kShort[] = {
      {"C", "Country"},
      {"O", "Organization"},
      {"Org", "Organization"},
      {"OU", "OrganizationalUnit"},
      {"OrgUnit", "OrganizationalUnit"},
      {"OrganizationUnit", "OrganizationalUnit"},
      {"CN", "CommonName"},
      {"L", "Locality"},
      {"S", "State"},
      {"ST", "State"},
      {"T", "Title"},
      {"G", "GivenName"},
      {"I", "Initials"},
      {"SN", "SurName"},
      {"DC", "DomainComponent"},
      {"E", "EMail"},
      {"Street", "StreetAddress"},
  };
  for (const auto& [abbreviation, word] : kShort)
    if (equals_ignore_case(abbreviation, name)) name = word;
  if (const Result<Oid> oid = Oid::parse(name); oid && max_characters(*oid) != 0) return *oid;
  return subject_template_type(name);
}

class Opener {
 public:
  Opener(const std::vector<std::pair<std::string, std::string>>& attributes, Trace& trace)
      : attributes_(attributes), trace_(trace) {}

  bool open(BytesView der) {
    out_.raw = to_bytes(der);
    if (SignedData::is_content_info(der)) return signed_data(der, 1);
    return second_tag(der) == tag::kSequence ? keygen(der) : pkcs10(der);
  }
  Envelope take() { return std::move(out_); }

 private:
  bool malformed(const Fault& fault) {
    trace_.fail(kRequestWellFormed, code_of(fault), fault.describe());
    return false;
  }

  bool pkcs10(BytesView der) {
    Result<CertificateRequest> parsed = CertificateRequest::parse(der);
    if (!parsed) return malformed(parsed.error());
    out_.pkcs10 = *std::move(parsed);
    const Result<bool> valid = out_.pkcs10.signature_valid();
    out_.signature_valid = (valid && *valid) || (out_.format != RequestFormat::pkcs10 && has_null_signature(der));
    trace_.pass(kRequestWellFormed,
                (out_.format == RequestFormat::pkcs10 ? std::string("PKCS#10")
                                                      : std::string(to_string(out_.format)) + " around a PKCS#10") +
                    " with a " + to_string(out_.pkcs10.public_key().spec()) + " key");
    return true;
  }

  // SignedPublicKeyAndChallenge ::= SEQUENCE { SEQUENCE { spki, challenge IA5String }, algorithm, signature }
  bool keygen(BytesView der) {
    out_.format = RequestFormat::keygen;
    const auto parts = detail::parse_signed(der, kMaxRequestSize, "SPKAC");
    if (!parts) return malformed(parts.error());
    const auto read = [&]() -> Result<std::pair<Bytes, std::string>> {
      DerReader reader(parts->body);
      MIMICA_TRY(DerReader body, reader.enter(tag::kSequence));
      MIMICA_TRY(const Tlv spki, body.expect(tag::kSequence));
      MIMICA_TRY(const Tlv challenge, body.expect(tag::kIa5String));
      MIMICA_RETURN_IF_FAULT(body.finish());
      return std::pair(to_bytes(spki.encoded), mimica::to_string(challenge.content));
    };
    const auto content = read();
    if (!content) return malformed(content.error());
    Name subject;
    std::string challenge;
    for (const auto& [name, value] : attributes_) {
      if (equals_ignore_case(name, "challenge")) challenge = value;
      Ava ava;
      ava.type = subject_attribute(name);
      ava.value = value;
      if (!ava.type.empty() && !value.empty()) subject.rdns.push_back({std::move(ava)});
    }
    if (!content->second.empty() && content->second != challenge) {
      trace_.fail(kRequestChallenge, HResult::ERROR_INVALID_DATA,
                  challenge.empty() ? "the request holds a challenge, the attributes do not"
                                    : "the challenge of the request is another one than that of the attributes");
      return false;
    }
    trace_.pass(kRequestChallenge, content->second.empty() ? "none" : "the same in request and attributes");
    if (subject.empty()) {
      trace_.fail(kRequestWellFormed, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
                  "an SPKAC holds no subject, and no attribute names one", {},
                  "send the attribute CN:<name> beside it");
      return false;
    }
    const Bytes info = der::sequence(
        {der::integer(0), subject.to_der(), content->first, der::tlv(tag::context_constructed(0), BytesView())});
    Result<CertificateRequest> made =
        CertificateRequest::parse(der::sequence({info, parts->algorithm, der::bit_string(parts->signature)}));
    if (!made) return malformed(made.error());
    out_.pkcs10 = *std::move(made);
    const Result<bool> valid = out_.pkcs10.public_key().verify(parts->algorithm, parts->body, parts->signature);
    out_.signature_valid = valid && *valid;
    trace_.pass(kRequestWellFormed, "SPKAC with a " + to_string(out_.pkcs10.public_key().spec()) + " key");
    return true;
  }

  bool signed_data(BytesView der, int depth) {
    if (depth > kMaxEnvelopes) {
      trace_.fail(kRequestWellFormed, HResult::ERROR_INVALID_DATA,
                  "more than " + std::to_string(kMaxEnvelopes) + " signed messages are nested");
      return false;
    }
    Result<SignedData> message = SignedData::parse(der);
    if (!message) return malformed(message.error());
    if (message->content_type() != oids::kCmsData && message->content_type() != oids::kPkiData) {
      trace_.fail(kRequestWellFormed, HResult::ERROR_INVALID_DATA,
                  "the message holds " + message->content_type().dotted() + ", neither data nor a CMC request");
      return false;
    }
    if (message->signers().empty()) {
      trace_.fail(kRequestSigners, HResult::CRYPT_E_NO_SIGNER, "the message carries no signer");
      return false;
    }
    const bool cmc = message->content_type() == oids::kPkiData;
    if (depth == 1) out_.format = cmc ? RequestFormat::cmc : RequestFormat::pkcs7;
    if (!cmc && SignedData::is_content_info(message->content())) {
      if (!signed_data(message->content(), depth + 1)) return false;
    } else if (!(cmc ? pki_data(message->content()) : pkcs10(message->content()))) {
      return false;
    }
    // A PKCS#10 inside data is no CMC request: what the signers signed beside it counts.
    if (!cmc) signed_pairs(*message);
    for (const Certificate& certificate : message->certificates()) out_.certificates.push_back(certificate);
    return signatures(*message);
  }

  bool pki_data(const Bytes& content) {
    Result<PkiData> data = parse_pki_data(content);
    if (!data) return malformed(data.error());
    out_.pairs.insert(out_.pairs.end(), data->registration_info.begin(), data->registration_info.end());
    out_.added_extensions = std::move(data->added_extensions);
    out_.has_archived_key = out_.has_archived_key || data->has_key_hash;
    return pkcs10(data->pkcs10);
  }

  void signed_pairs(const SignedData& message) {
    const CmsAttribute* attribute = message.signers().front().signed_attribute(oids::kNameValuePair);
    if (attribute == nullptr) return;
    for (const Bytes& value : attribute->values) {
      DerReader reader(value);
      auto pair = reader.enter(tag::kSequence);
      if (!pair) continue;
      const auto name = pair->next();
      const auto text = name ? pair->next() : name;
      if (!text) continue;
      auto decoded_name = decode_string(*name);
      auto decoded_text = decode_string(*text);
      if (decoded_name && decoded_text) out_.pairs.emplace_back(*std::move(decoded_name), *std::move(decoded_text));
    }
  }

  bool signatures(const SignedData& message) {
    const PublicKey& own = out_.pkcs10.public_key();
    const Extension* declared = find(out_.pkcs10.extensions(), oids::kSubjectKeyIdentifier);
    for (const CmsSigner& signer : message.signers()) {
      if (signer.unsigned_attribute(kArchivedKey) != nullptr) out_.has_archived_key = true;
      if (signer.signature_algorithm == oids::kNoSignature) {
        if (message.verify_no_signature(signer)) continue;
        return bad_signature("its digest is not that of the content");
      }
      const bool by_request_key =
          !signer.key_identifier.empty() &&
          (signer.key_identifier == own.key_identifier() ||
           (declared != nullptr && declared->value == der::octet_string(signer.key_identifier)));
      const Certificate* certificate = by_request_key ? nullptr : message.certificate_of(signer);
      if (!by_request_key && certificate == nullptr) {
        trace_.fail(kRequestSigners, HResult::CRYPT_E_NO_SIGNER, "the certificate of a signer is not in the message");
        return false;
      }
      const Result<bool> valid = message.verify(signer, by_request_key ? own : certificate->public_key());
      if (!valid || !*valid) return bad_signature(valid ? "it does not verify" : valid.error().what);
      if (certificate != nullptr) out_.signers.push_back(*certificate);
    }
    const std::string found =
        join(out_.signers, "; ", [](const Certificate& certificate) { return certificate.subject().to_cert_str(); });
    trace_.pass(kRequestSigners, found.empty() ? "the key of the request" : found);
    return true;
  }

  bool bad_signature(const std::string& why) {
    trace_.fail(kRequestSigners, HResult::NTE_BAD_SIGNATURE, "a signature of the message: " + why);
    return false;
  }

  const std::vector<std::pair<std::string, std::string>>& attributes_;
  Trace& trace_;
  Envelope out_;
};

}  // namespace

std::string_view to_string(RequestFormat format) {
  switch (format) {
    case RequestFormat::pkcs10:
      return "PKCS#10";
    case RequestFormat::keygen:
      return "SPKAC";
    case RequestFormat::pkcs7:
      return "PKCS#7";
    case RequestFormat::cmc:
      return "CMC";
  }
  return "unknown";
}

std::optional<Bytes> remove_armour(BytesView request) {
  if (is_der_sequence(request)) return to_bytes(request);
  std::string_view text = as_text(request);
  // What `openssl spkac` writes.
  if (starts_with_ignore_case(text, "SPKAC=")) text.remove_prefix(6);
  // PEM with or without line breaks; several markers leave the first block.
  const std::size_t begin = text.find("-----BEGIN ");
  if (begin != std::string_view::npos) {
    const std::size_t label_end = text.find("-----", begin + 11);
    if (label_end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(label_end + 5);
    text = text.substr(0, text.find("-----END "));
  }
  std::optional<Bytes> bytes = from_base64(text);
  if (!bytes || !is_der_sequence(*bytes)) return std::nullopt;
  return bytes;
}

Decision<Envelope> open_envelope(BytesView request,
                                 const std::vector<std::pair<std::string, std::string>>& name_attributes) {
  Trace trace;
  const std::optional<Bytes> der = remove_armour(request);
  if (!der) {
    trace.fail(kRequestWellFormed, HResult::CRYPT_E_ASN1_BADTAG, "the request is neither DER nor base64 of DER");
    return Decision<Envelope>::refuse(std::move(trace));
  }
  Opener opener(name_attributes, trace);
  if (!opener.open(*der)) return Decision<Envelope>::refuse(std::move(trace));
  return Decision<Envelope>::grant(opener.take(), std::move(trace));
}

}  // namespace mimica::ca
