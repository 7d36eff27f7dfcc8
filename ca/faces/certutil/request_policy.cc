#include "ca/faces/certutil/request_policy.h"

#include <algorithm>

#include "ca/request/request.h"
#include "core/base/number.h"

namespace mimica::certutil {
namespace {

// CERT_NAME_STR_* (wincrypt.h).
constexpr std::uint32_t kX500 = 3, kForceUtf8 = 0x80000, kReverse = 0x2000000, kSemicolon = 0x40000000;
constexpr std::pair<std::string_view, std::uint32_t> kNameFlags[] = {
    {"CERT_X500_NAME_STR", kX500},
    {"CERT_NAME_STR_FORCE_UTF8_DIR_STR_FLAG", kForceUtf8},
    {"CERT_NAME_STR_REVERSE_FLAG", kReverse},
    {"CERT_NAME_STR_SEMICOLON_FLAG", kSemicolon}};
constexpr std::pair<std::string_view, std::uint32_t> kKeyUsages[] = {
    {"CERT_DIGITAL_SIGNATURE_KEY_USAGE", 0x80}, {"CERT_NON_REPUDIATION_KEY_USAGE", 0x40},
    {"CERT_KEY_ENCIPHERMENT_KEY_USAGE", 0x20},  {"CERT_DATA_ENCIPHERMENT_KEY_USAGE", 0x10},
    {"CERT_KEY_AGREEMENT_KEY_USAGE", 0x08},     {"CERT_KEY_CERT_SIGN_KEY_USAGE", 0x04},
    {"CERT_OFFLINE_CRL_SIGN_KEY_USAGE", 0x02},  {"CERT_CRL_SIGN_KEY_USAGE", 0x02},
    {"CERT_ENCIPHER_ONLY_KEY_USAGE", 0x01},     {"CERT_DECIPHER_ONLY_KEY_USAGE", 0x8000}};

class PolicyReader {
 public:
  PolicyReader(const InfFile& file, std::string_view source) : file_(file), source_(source) {}

  Result<RequestPolicy> read() {
    const InfSection* section = file_.section("NewRequest");
    if (section == nullptr)
      return fault(HResult::E_INVALIDARG, "there is no section [NewRequest]", {std::string(source_), 0, 0, {}});
    for (const InfEntry& entry : section->entries) MIMICA_RETURN_IF_FAULT(new_request(entry));
    if (!subject_.empty()) {
      auto name = Name::parse_cert_str(subject_, (name_flags_ & kReverse) == 0);
      if (!name) return at(*subject_entry_, name.error().what);
      out_.request.subject = *std::move(name);
      if ((name_flags_ & kForceUtf8) != 0) force_utf8();
    }
    MIMICA_RETURN_IF_FAULT(key_spec());
    MIMICA_RETURN_IF_FAULT(usages());
    MIMICA_RETURN_IF_FAULT(constraints());
    MIMICA_RETURN_IF_FAULT(extensions());
    if (const InfSection* attributes = file_.section("RequestAttributes"))
      for (const InfEntry& entry : attributes->entries) {
        if (entry.key.empty()) return at(entry, "an attribute is written as name = value");
        out_.request.name_value_pairs.emplace_back(entry.key, entry.value);
      }
    return std::move(out_);
  }

 private:
  Fault at(const InfEntry& entry, std::string what, std::string hint = {}) const {
    return fault(HResult::E_INVALIDARG, std::move(what), {std::string(source_), entry.line, 0, {}}, std::move(hint));
  }
  Fault unsupported(const InfEntry& entry, std::string what) const {
    return fault(HResult::ERROR_NOT_SUPPORTED, std::move(what), {std::string(source_), entry.line, 0, {}});
  }

  Result<bool> boolean(const InfEntry& entry) const {
    for (const std::string_view yes : {"TRUE", "YES", "1"})
      if (equals_ignore_case(entry.value, yes)) return true;
    for (const std::string_view no : {"FALSE", "NO", "0"})
      if (equals_ignore_case(entry.value, no)) return false;
    return at(entry, entry.key + " is TRUE or FALSE");
  }

  // Numbers and names joined by '|'.
  template <std::size_t N>
  Result<std::uint32_t> flags(const InfEntry& entry,
                              const std::pair<std::string_view, std::uint32_t> (&names)[N]) const {
    std::uint32_t out = 0;
    for (const std::string_view one : split(entry.value, '|')) {
      const std::string_view word = trim(one);
      const auto named =
          std::find_if(names, names + N, [&](const auto& name) { return equals_ignore_case(name.first, word); });
      const auto number = parse_number<std::uint32_t>(word);
      if (named == names + N && !number) return at(entry, "'" + std::string(word) + "' is unknown in " + entry.key);
      out |= named == names + N ? *number : named->second;
    }
    return out;
  }

  Result<void> new_request(const InfEntry& entry) {
    const auto is = [&](std::string_view name) { return equals_ignore_case(entry.key, name); };
    if (is("Subject")) {
      subject_ = entry.value;
      subject_entry_ = &entry;
    } else if (is("X500NameFlags")) {
      MIMICA_TRY(name_flags_, flags(entry, kNameFlags));
      if ((name_flags_ & ~(kX500 | kForceUtf8 | kReverse | kSemicolon)) != 0)
        return unsupported(entry,
                           "these X500NameFlags are not supported: only CERT_NAME_STR_REVERSE_FLAG, "
                           "_FORCE_UTF8_DIR_STR_FLAG and _SEMICOLON_FLAG are");
    } else if (is("KeyLength")) {
      const auto bits = parse_number<std::uint32_t>(entry.value);
      if (!bits || *bits < 256 || *bits > 16384) return at(entry, "KeyLength is a number of bits");
      bits_ = static_cast<int>(*bits);
      bits_entry_ = &entry;
    } else if (is("KeyAlgorithm")) {
      algorithm_ = to_upper(entry.value);
      algorithm_entry_ = &entry;
    } else if (is("HashAlgorithm")) {
      return hash(entry);
    } else if (is("KeyUsage")) {
      MIMICA_TRY(const std::uint32_t bits, flags(entry, kKeyUsages));
      const Bytes octets = {static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8)};
      out_.request.extensions.push_back({oids::kKeyUsage, true, ext::key_usage(octets)});
    } else if (is("FriendlyName")) {
      out_.friendly_name = entry.value;
    } else if (is("RequestType")) {
      if (!equals_ignore_case(entry.value, "PKCS10"))
        return unsupported(entry, "requests of type " + entry.value + " are not made here; use PKCS10");
    } else if (is("UseExistingKeySet") || is("PrivateKeyArchive")) {
      MIMICA_TRY(const bool wanted, boolean(entry));
      if (wanted) return unsupported(entry, entry.key + " is not supported");
    } else if (is("RenewalCert") || is("RequesterName") || is("NotBefore") || is("NotAfter")) {
      return unsupported(entry, entry.key + " is not supported: it belongs to other request types than PKCS10");
    } else if (is("MachineKeySet") || is("Exportable") || is("ExportableEncrypted") || is("SMIME") || is("Silent") ||
               is("SuppressDefaults") || is("AlternateSignatureAlgorithm") || is("KeyProtection") ||
               is("UseDefaultKeySpec")) {
      MIMICA_RETURN_IF_FAULT(boolean(entry));  // the key is a file here
    } else if (!is("KeySpec") && !is("ProviderName") && !is("ProviderType") && !is("KeyUsageProperty") &&
               !is("KeyContainer") && !is("EncryptionAlgorithm") && !is("EncryptionLength") && !is("HashAlgorithm") &&
               !is("SecurityDescriptor") && !is("ReaderName")) {
      return at(entry, "'" + entry.key + "' is no key of [NewRequest]");
    }
    return {};
  }

  Result<void> hash(const InfEntry& entry) {
    constexpr std::pair<std::string_view, Digest> kDigests[] = {
        {"SHA1", Digest::sha1}, {"SHA256", Digest::sha256}, {"SHA384", Digest::sha384}, {"SHA512", Digest::sha512}};
    for (const auto& [name, value] : kDigests) {
      if (!equals_ignore_case(entry.value, name)) continue;
      out_.digest = value;
      return {};
    }
    return at(entry, "'" + entry.value + "' is no hash algorithm", "use SHA256, SHA384, SHA512 or SHA1");
  }

  void force_utf8() {
    for (Rdn& rdn : out_.request.subject.rdns)
      for (Ava& ava : rdn)
        if (ava.string_tag == 0 && ava.raw.empty() && ava.type != oids::kDomainComponent &&
            ava.type != oids::kEmailAddress && ava.type != Oid("2.5.4.6"))
          ava.string_tag = tag::kUtf8String;
  }

  Result<void> key_spec() {
    if (algorithm_.empty() || algorithm_ == "RSA") {
      out_.key = {KeyKind::rsa, bits_ == 0 ? 2048 : bits_};
      if (bits_ != 0 && (bits_ < 1024 || bits_ % 8 != 0)) return at(*bits_entry_, "RSA keys have 1024 bits or more");
      return {};
    }
    for (const int bits : {256, 384, 521})
      for (const std::string_view kind : {"ECDSA_P", "ECDH_P"})
        if (algorithm_ == std::string(kind) + std::to_string(bits)) {
          out_.key = {KeyKind::ec, bits};
          if (bits_ != 0 && bits_ != bits) return at(*bits_entry_, "KeyLength does not fit KeyAlgorithm");
          return {};
        }
    return at(*algorithm_entry_, "'" + algorithm_ + "' is no key algorithm known here",
              "use RSA, ECDSA_P256, ECDSA_P384 or ECDSA_P521");
  }

  Result<void> usages() {
    const InfSection* section = file_.section("EnhancedKeyUsageExtension");
    if (section == nullptr) return {};
    std::vector<Oid> list;
    bool critical = false;
    for (const InfEntry& entry : section->entries) {
      if (equals_ignore_case(entry.key, "Critical")) {
        MIMICA_TRY(critical, boolean(entry));
        continue;
      }
      auto oid = Oid::parse(trim(entry.value));
      if (!equals_ignore_case(entry.key, "OID") || !oid)
        return at(entry, "an entry is written as OID = 1.3.6.1.5.5.7.3.2");
      list.push_back(*std::move(oid));
    }
    if (!list.empty()) out_.request.extensions.push_back({oids::kExtendedKeyUsage, critical, ext::oid_list(list)});
    return {};
  }

  Result<void> constraints() {
    const InfSection* section = file_.section("BasicConstraintsExtension");
    if (section == nullptr) return {};
    bool ca = false, critical = false;
    std::optional<std::int64_t> length;
    for (const InfEntry& entry : section->entries) {
      if (equals_ignore_case(entry.key, "SubjectType")) {
        ca = equals_ignore_case(entry.value, "CA");
      } else if (equals_ignore_case(entry.key, "PathLength")) {
        const auto number = parse_number<std::uint32_t>(entry.value);
        if (!number) return at(entry, "PathLength is a number");
        length = *number;
      } else if (equals_ignore_case(entry.key, "Critical")) {
        MIMICA_TRY(critical, boolean(entry));
      } else {
        return at(entry, "'" + entry.key + "' is no key of [BasicConstraintsExtension]");
      }
    }
    out_.request.extensions.push_back({oids::kBasicConstraints, critical, ext::basic_constraints(ca, length)});
    return {};
  }

  // "{text}upn=jane@contoso.com&dns=a", "{hex}30 00", "{utf8}…", "{octet}…", or base64 of the value.
  Result<Bytes> value_of(const InfEntry& entry, const Oid& oid) const {
    const std::string_view text = entry.value;
    const auto braced = [&](std::string_view prefix) { return starts_with_ignore_case(text, prefix); };
    if (braced("{text}")) {
      const std::string_view content = text.substr(6);
      if (oid == oids::kSubjectAltName) {
        auto names = ca::parse_san_attribute(content.ends_with('&') ? content.substr(0, content.size() - 1) : content);
        if (!names) return at(entry, names.error().what);
        return encode_general_names(*names);
      }
      if (oid == oids::kExtendedKeyUsage || oid == oids::kApplicationPolicies) {
        std::vector<Oid> list;
        std::string separated(content);
        std::replace(separated.begin(), separated.end(), '&', ',');
        for (const std::string_view one : split(separated, ',')) {
          if (trim(one).empty()) continue;
          const std::string_view word = trim(one);
          auto parsed = Oid::parse(starts_with_ignore_case(word, "oid=") ? word.substr(4) : word);
          if (!parsed) return at(entry, parsed.error().what);
          list.push_back(*std::move(parsed));
        }
        return oid == oids::kExtendedKeyUsage ? ext::oid_list(list) : ext::policies(list);
      }
      if (oid == oids::kSidExtension) {
        auto sid = Sid::parse(trim(content));
        if (!sid) return at(entry, sid.error().what);
        return ext::sid(*sid);
      }
      return at(entry, "{text} is not supported for " + oid.dotted(), "give the value as {hex} or base64");
    }
    if (braced("{hex}")) {
      auto bytes = from_hex(text.substr(5));
      if (!bytes) return at(entry, "the value is no hexadecimal");
      return *std::move(bytes);
    }
    if (braced("{utf8}")) return der::utf8_string(text.substr(6));
    auto bytes = from_base64(braced("{octet}") ? text.substr(7) : text);
    if (!bytes) return at(entry, "the value of " + oid.dotted() + " is neither {text}, {hex} nor base64");
    return braced("{octet}") ? der::octet_string(*bytes) : *std::move(bytes);
  }

  Result<void> extensions() {
    const InfSection* section = file_.section("Extensions");
    if (section == nullptr) return {};
    std::vector<Oid> critical;
    for (const InfEntry& entry : section->entries) {
      if (!equals_ignore_case(entry.key, "Critical")) continue;
      for (const std::string_view one : split(entry.value, ',')) {
        auto oid = Oid::parse(trim(one));
        if (!oid) return at(entry, oid.error().what);
        critical.push_back(*std::move(oid));
      }
    }
    for (const InfEntry& entry : section->entries) {
      if (equals_ignore_case(entry.key, "Critical")) continue;
      auto oid = Oid::parse(entry.key);
      if (!oid) return at(entry, "'" + entry.key + "' is no object identifier", "write 2.5.29.17 = \"{text}dns=host\"");
      MIMICA_TRY(Bytes value, value_of(entry, *oid));
      const bool is_critical = std::find(critical.begin(), critical.end(), *oid) != critical.end();
      if (find(out_.request.extensions, *oid) != nullptr) return at(entry, oid->dotted() + " is there twice");
      out_.request.extensions.push_back({*oid, is_critical, std::move(value)});
    }
    return {};
  }

  const InfFile& file_;
  std::string_view source_;
  RequestPolicy out_;
  std::string subject_, algorithm_;
  const InfEntry* subject_entry_ = nullptr;
  const InfEntry* algorithm_entry_ = nullptr;
  const InfEntry* bits_entry_ = nullptr;
  std::uint32_t name_flags_ = 0;
  int bits_ = 0;
};

}  // namespace

Result<RequestPolicy> read_request_policy(const InfFile& file, std::string_view source) {
  return PolicyReader(file, source).read();
}

Result<Bytes> make_request(const RequestPolicy& policy, const PrivateKey& key) {
  MIMICA_TRY(const Bytes request, mimica::make_request(policy.request, key));
  if (policy.digest == Digest::sha256) return request;
  // The same CertificationRequestInfo under another signature.
  DerReader reader(request);
  MIMICA_TRY(DerReader parts, reader.enter(tag::kSequence));
  MIMICA_TRY(const Tlv info, parts.expect(tag::kSequence));
  MIMICA_TRY(const Bytes signature, key.sign(policy.digest, info.encoded));
  return der::sequence({info.encoded, key.signature_algorithm(policy.digest), der::bit_string(signature)});
}

}  // namespace mimica::certutil
