#include "kdc/mapping/samba_mapping.h"

#include <algorithm>
#include <array>

#include "kdc/rules.h"

namespace mimica::kdc {
namespace {

constexpr std::string_view kIdentityPrefix = "X509:";

// Heimdal's keywords; any other type is printed as its OID.
struct Keyword {
  std::string_view oid;
  std::string_view text;
};
constexpr std::array kKeywords = {
    Keyword{"2.5.4.3", "CN"},
    Keyword{"2.5.4.6", "C"},
    Keyword{"2.5.4.7", "L"},
    Keyword{"2.5.4.8", "S"},
    Keyword{"2.5.4.9", "STREET"},
    Keyword{"2.5.4.10", "O"},
    Keyword{"2.5.4.11", "OU"},
    Keyword{"2.5.4.5", "serialNumber"},
    Keyword{"0.9.2342.19200300.100.1.25", "DC"},
    Keyword{"0.9.2342.19200300.100.1.1", "UID"},
    Keyword{"1.2.840.113549.1.9.1", "emailAddress"},
};

std::string heimdal_keyword(const Oid& type) {
  const std::string dotted = type.dotted();
  const auto* found =
      std::find_if(kKeywords.begin(), kKeywords.end(), [&](const Keyword& keyword) { return keyword.oid == dotted; });
  return found == kKeywords.end() ? dotted : std::string(found->text);
}

std::string heimdal_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (std::string_view(",+\"\\<>;=#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// Leaf first, "," between RDNs, "+" inside one.
std::string heimdal_name(const Name& name) {
  std::string out;
  for (auto rdn = name.rdns.rbegin(); rdn != name.rdns.rend(); ++rdn) {
    if (!out.empty()) out += ',';
    for (std::size_t i = 0; i < rdn->size(); ++i)
      out += (i == 0 ? "" : "+") + heimdal_keyword((*rdn)[i].type) + "=" + heimdal_value((*rdn)[i].value);
  }
  return out;
}

// The components of a stored name turned round. Every CR, LF or comma divides, quoted or not.
std::string turned_round(std::string_view name) {
  std::string out;
  std::size_t end = name.size();
  while (true) {
    const std::size_t at = end == 0 ? std::string_view::npos : name.find_last_of(",\r\n", end - 1);
    const std::size_t start = at == std::string_view::npos ? 0 : at + 1;
    out += name.substr(start, end - start);
    if (at == std::string_view::npos) return out;
    out += ',';
    end = at;
  }
}

std::optional<Bytes> hex(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) return std::nullopt;
  return from_hex(text);
}

bool assign(SambaIdentity& identity, std::string_view tag, std::string_view value) {
  if (tag.empty() || value.empty()) return false;
  if (tag == "I")
    identity.issuer = turned_round(value);
  else if (tag == "S")
    identity.subject = turned_round(value);
  else if (tag == "RFC822")
    identity.mail = std::string(value);
  else if (tag == "SR" || tag == "SKI" || tag == "SHA1-PUKEY") {
    auto octets = hex(value);
    if (!octets) return false;
    if (tag == "SR") std::reverse(octets->begin(), octets->end());
    (tag == "SR"    ? identity.serial
     : tag == "SKI" ? identity.subject_key_identifier
                    : identity.thumbprint) = *std::move(octets);
  } else {
    return false;
  }
  return true;
}

class SambaMapping {
 public:
  SambaMapping(const CertFacts& certificate, const AccountFacts& who, const Policy& policy)
      : cert_(certificate), who_(who), policy_(policy) {}

  Decision<Mapped> decide() {
    if (policy_.enforcement == Enforcement::disabled)
      trace_.skip(kMappingStrong, "strong certificate binding enforcement is none");
    else if (!binding())
      return Decision<Mapped>::refuse(std::move(trace_));
    if (!name()) return Decision<Mapped>::refuse(std::move(trace_));
    return Decision<Mapped>::grant({who_.account, how_, strong_, mapping_}, std::move(trace_));
  }

 private:
  enum class Hit { none, strong, weak, old };

  // The first value that counts ends the search; under full enforcement weak values do not count.
  Hit explicit_mapping() {
    for (const std::string& value : who_.account.alt_security_identities) {
      const auto identity = parse_samba_identity(value);
      if (!identity || (policy_.enforcement == Enforcement::full && !identity->is_strong()) ||
          !matches(*identity, cert_.certificate))
        continue;
      trace_.pass(kMappingAltSecurityIdentity, value);
      mapping_ = value;
      if (identity->is_strong()) return Hit::strong;
      return cert_.not_before < who_.account.when_created - policy_.backdating ? Hit::old : Hit::weak;
    }
    trace_.skip(kMappingAltSecurityIdentity, "no value that counts matches the certificate");
    return Hit::none;
  }

  bool binding() {
    const Hit hit = explicit_mapping();
    if (hit == Hit::strong) {
      trace_.pass(kMappingStrong, "an explicit mapping is strong by itself");
      return granted("alt-security-identity", true);
    }
    if (cert_.sid && *cert_.sid == who_.account.sid) {
      trace_.pass(kMappingSid, "SID extension");
      return granted("sid", true);
    }
    if (cert_.sid) {
      const std::string own = who_.account.sid.to_string(), found = cert_.sid->to_string();
      trace_.fail(kMappingSid, KrbError::KDC_ERR_CERTIFICATE_MISMATCH,
                  "the SID extension says " + found + "; " + who_.account.sam_account_name + " has " + own,
                  {{"certificate_sid", found}, {"account_sid", own}});
      return false;
    }
    trace_.skip(kMappingSid, "the certificate has no SID extension");
    if (hit == Hit::old) {
      trace_.fail(kMappingBackdating, KrbError::KDC_ERR_CERTIFICATE_MISMATCH,
                  "the certificate is valid from " + to_iso(cert_.not_before) + ", the account was created " +
                      to_iso(who_.account.when_created) + "; at most " + to_text(policy_.backdating) + " are tolerated",
                  {{"not_before", to_iso(cert_.not_before)}, {"when_created", to_iso(who_.account.when_created)}},
                  "raise \"certificate backdating compensation\" (minutes)");
      return false;
    }
    if (hit == Hit::none) {
      trace_.fail(kMappingStrong, KrbError::KDC_ERR_CERTIFICATE_MISMATCH,
                  "neither an explicit mapping that counts nor a SID extension; a UPN does not count as one", {},
                  "map explicitly: altSecurityIdentities " + cert_.explicit_mapping);
      return false;
    }
    trace_.pass(kMappingBackdating);
    trace_.warn(kMappingStrong, "weak mapping " + mapping_ + " under compatibility enforcement", {},
                "map explicitly: altSecurityIdentities " + cert_.explicit_mapping);
    return granted("weak", false);
  }

  bool granted(std::string how, bool strong) {
    how_ = std::move(how);
    strong_ = strong;
    return true;
  }

  bool name() {
    const std::string& account = who_.account.sam_account_name;
    if (!cert_.upn.empty() && who_.upn_owner == UpnOwner::this_account) {
      trace_.pass(kMappingUpn, cert_.upn);
      if (mapping_.empty()) mapping_ = "UPN=" + cert_.upn;
      return true;
    }
    const std::string found = cert_.upn.empty()
                                  ? "the certificate has no UPN"
                                  : "the UPN " + cert_.upn + " of the certificate does not lead to " + account;
    trace_.fail(kMappingUpn, KrbError::KDC_ERR_CLIENT_NAME_MISMATCH, found, {{"upn", cert_.upn}, {"account", account}});
    return false;
  }

  const CertFacts& cert_;
  const AccountFacts& who_;
  const Policy& policy_;
  Trace trace_;
  std::string how_ = "weak";
  bool strong_ = false;
  std::string mapping_;
};

}  // namespace

std::optional<SambaIdentity> parse_samba_identity(std::string_view value) {
  if (value.size() > kMaxIdentitySize || !value.starts_with(kIdentityPrefix)) return std::nullopt;
  SambaIdentity identity;
  std::size_t open = value.find('<', kIdentityPrefix.size());  // what stands before the first tag is passed over
  if (open == std::string_view::npos) return std::nullopt;
  while (open != std::string_view::npos) {
    const std::size_t close = value.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    const std::size_t next = value.find('<', close);
    const std::string_view text =
        value.substr(close + 1, (next == std::string_view::npos ? value.size() : next) - close - 1);
    if (!assign(identity, value.substr(open + 1, close - open - 1), text)) return std::nullopt;
    open = next;
  }
  return identity;
}

bool matches(const SambaIdentity& identity, const Certificate& certificate) {
  if (identity.issuer && *identity.issuer != heimdal_name(certificate.issuer())) return false;
  if (identity.subject && *identity.subject != heimdal_name(certificate.subject())) return false;
  if (identity.serial && *identity.serial != certificate.serial()) return false;
  if (identity.thumbprint && *identity.thumbprint != certificate.thumbprint()) return false;
  if (identity.subject_key_identifier && certificate.subject_key_identifier() != identity.subject_key_identifier)
    return false;
  if (!identity.mail) return true;
  const auto names = certificate.subject_alt_names();
  return std::any_of(names.begin(), names.end(), [&](const GeneralName& name) {
    return name.kind == GeneralName::Kind::email && name.text == *identity.mail;
  });
}

Decision<Mapped> map_certificate_as_samba(const CertFacts& certificate, const AccountFacts& account,
                                          const Policy& policy) {
  return SambaMapping(certificate, account, policy).decide();
}

}  // namespace mimica::kdc
