#include "kdc/mapping/alt_security_identities.h"

#include <algorithm>
#include <array>

namespace mimica::kdc {
namespace {

constexpr std::string_view kPrefix = "X509:";
constexpr std::string_view kUriPrefix = "tag:microsoft.com,2022-09-14:sid:";
constexpr std::size_t kSha1Size = 20;

struct FormName {
  IdentityForm form;
  std::string_view name;
  std::string_view first_tag;
  std::string_view second_tag;  // empty: one component
};
constexpr std::array kForms = {
    FormName{IdentityForm::issuer_serial, "X509IssuerSerialNumber", "I", "SR"},
    FormName{IdentityForm::subject_key_identifier, "X509SKI", "SKI", ""},
    FormName{IdentityForm::sha1_public_key, "X509SHA1PublicKey", "SHA1-PUKEY", ""},
    FormName{IdentityForm::issuer_sid, "X509IssuerSID", "I", "SID"},
    FormName{IdentityForm::issuer_subject, "X509IssuerSubject", "I", "S"},
    FormName{IdentityForm::subject, "X509SubjectOnly", "S", ""},
    FormName{IdentityForm::rfc822, "X509RFC822", "RFC822", ""},
    FormName{IdentityForm::issuer, "X509IssuerOnly", "I", ""},
};
constexpr std::array<std::string_view, 7> kTags = {"I", "S", "SR", "SKI", "SHA1-PUKEY", "RFC822", "SID"};

const FormName& form_name(IdentityForm form) {
  return *std::find_if(kForms.begin(), kForms.end(), [&](const FormName& f) { return f.form == form; });
}

bool is_separator(char c) { return c == ',' || c == '\r' || c == '\n'; }

// The tag that starts at `at` ("<SR>"), in its canonical spelling; empty when there is none.
std::string_view tag_at(std::string_view text, std::size_t at) {
  for (const std::string_view tag : kTags)
    if (text.size() >= at + tag.size() + 2 && text[at] == '<' && text[at + tag.size() + 1] == '>' &&
        equals_ignore_case(text.substr(at + 1, tag.size()), tag))
      return tag;
  return {};
}

struct Component {
  std::string_view tag;
  std::string_view value;
};

// "<I>…<SR>…" into components. Tags inside double quotes belong to the value.
Result<std::vector<Component>> components_of(std::string_view text) {
  std::vector<Component> out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view tag = tag_at(text, at);
    if (tag.empty())
      return fault("the value has no known tag where one must stand", {"altSecurityIdentities", 0, 0, at});
    if (out.size() == 2) return fault("the value has more than two tags; a KDC builds no such string");
    const std::size_t start = at + tag.size() + 2;
    bool quoted = false;
    for (at = start; at < text.size(); ++at) {
      if (text[at] == '"') quoted = !quoted;
      if (!quoted && text[at] == '<' && !tag_at(text, at).empty()) break;
    }
    const std::string_view value = trim(text.substr(start, at - start));
    if (value.empty()) return fault("the tag <" + std::string(tag) + "> has no value");
    out.push_back({tag, value});
  }
  return out;
}

Result<Bytes> strict_hex(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos)
    if (auto octets = from_hex(text)) return *std::move(octets);
  return fault("'" + std::string(text.substr(0, 64)) + "' is not an even number of hexadecimal digits");
}

Bytes reversed(Bytes octets) {
  std::reverse(octets.begin(), octets.end());
  return octets;
}

// Case folded, CR, LF and comma as one separator, no blanks around it, " + " as a blank; quotes stay.
std::string fold_name(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (!quoted && is_separator(c)) {
      while (!out.empty() && out.back() == ' ') out.pop_back();
      if (!out.empty() && out.back() != ',') out.push_back(',');
    } else if (!quoted && c == '+' && i > 0 && text[i - 1] == ' ' && i + 1 < text.size() && text[i + 1] == ' ') {
      ++i;  // the blank before the plus stays, the one after it goes
    } else if (c == ' ' && (out.empty() || out.back() == ',') && !quoted) {
      continue;
    } else {
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
  }
  while (!out.empty() && (out.back() == ',' || out.back() == ' ')) out.pop_back();
  return out;
}

// The spellings under which the KDC may look for a name: with CryptoAPI's quotes and without.
std::vector<std::string> folded_names(const Name& name) {
  std::vector<std::string> out{fold_name(name.to_alt_security())};
  std::string plain;
  for (const Rdn& rdn : name.rdns) {
    if (!plain.empty()) plain += ',';
    for (std::size_t i = 0; i < rdn.size(); ++i) {
      if (i > 0) plain += ' ';
      const std::string printed = Name{{Rdn{rdn[i]}}}.to_alt_security();
      plain += printed.substr(0, printed.find('=') + 1) + rdn[i].value;
    }
  }
  std::string folded = fold_name(plain);
  if (folded != out.front()) out.push_back(std::move(folded));
  return out;
}

std::string two(std::string_view first, std::string_view second) {
  std::string key;
  key.reserve(first.size() + second.size() + 1);
  key += first;
  key += '\0';
  key += second;
  return key;
}

std::optional<Sid> sid_of(const Certificate& certificate) {
  if (auto sid = certificate.sid()) return sid;
  for (const GeneralName& name : certificate.subject_alt_names())
    if (name.kind == GeneralName::Kind::uri)
      if (auto sid = sid_from_uri(name.text)) return sid;
  return std::nullopt;
}

Result<AltSecurityIdentity> from_components(const std::vector<Component>& parts) {
  const auto form = std::find_if(kForms.begin(), kForms.end(), [&](const FormName& f) {
    return f.first_tag == parts[0].tag && f.second_tag == (parts.size() > 1 ? parts[1].tag : std::string_view{});
  });
  if (form == kForms.end())
    return fault("a KDC builds no string with these tags in this order", {},
                 "use one of <I>…<SR>…, <SKI>…, <SHA1-PUKEY>…, <I>…<SID>…, <I>…<S>…, <S>…, <RFC822>…");
  AltSecurityIdentity identity;
  identity.form = form->form;
  for (const Component& part : parts) {
    if (part.tag == "I") {
      identity.issuer = part.value;
    } else if (part.tag == "S") {
      identity.subject = part.value;
    } else if (part.tag == "RFC822") {
      identity.mail = part.value;
    } else if (part.tag == "SID") {
      MIMICA_TRY(identity.sid, Sid::parse(part.value));
    } else {
      MIMICA_TRY(identity.octets, strict_hex(part.value));
      if (part.tag == "SR") identity.octets = reversed(std::move(identity.octets));
      if (part.tag == "SHA1-PUKEY" && identity.octets.size() != kSha1Size)
        return fault("<SHA1-PUKEY> must have 40 hexadecimal digits");
    }
  }
  return identity;
}

}  // namespace

bool is_strong(IdentityForm form) {
  return form == IdentityForm::issuer_serial || form == IdentityForm::subject_key_identifier ||
         form == IdentityForm::sha1_public_key || form == IdentityForm::issuer_sid;
}

std::string_view to_string(IdentityForm form) { return form_name(form).name; }

std::optional<IdentityForm> identity_form_named(std::string_view name) {
  for (const FormName& form : kForms)
    if (equals_ignore_case(form.name, name)) return form.form;
  return std::nullopt;
}

bool is_x509_identity(std::string_view value) { return starts_with_ignore_case(trim(value), kPrefix); }

Result<AltSecurityIdentity> parse_alt_security_identity(std::string_view value) {
  if (value.size() > kMaxIdentitySize) return fault("the value is longer than any directory stores");
  const std::string_view text = trim(value);
  if (!starts_with_ignore_case(text, kPrefix)) return fault("the value does not start with X509:");
  MIMICA_TRY(const auto parts, components_of(trim(text.substr(kPrefix.size()))));
  if (parts.empty()) return fault("the value has no tag");
  return from_components(parts);
}

std::string to_string(const AltSecurityIdentity& identity) {
  const FormName& form = form_name(identity.form);
  std::string out(kPrefix);
  for (const std::string_view tag : {form.first_tag, form.second_tag}) {
    if (tag.empty()) continue;
    out += "<" + std::string(tag) + ">";
    if (tag == "I")
      out += identity.issuer;
    else if (tag == "S")
      out += identity.subject;
    else if (tag == "RFC822")
      out += identity.mail;
    else if (tag == "SID")
      out += identity.sid.to_string();
    else if (tag == "SR")
      out += to_hex(reversed(identity.octets));
    else
      out += to_hex(identity.octets);
  }
  return out;
}

Result<AltSecurityIdentity> identity_for(IdentityForm form, const Certificate& certificate) {
  AltSecurityIdentity identity;
  identity.form = form;
  const auto lacks = [&](std::string_view what) {
    return fault("the certificate has no " + std::string(what) + ", which " + std::string(to_string(form)) + " needs");
  };
  const FormName& names = form_name(form);
  if (names.first_tag == "I") identity.issuer = certificate.issuer().to_alt_security();
  switch (form) {
    case IdentityForm::issuer_serial:
      identity.octets = certificate.serial();
      break;
    case IdentityForm::subject_key_identifier: {
      auto id = certificate.subject_key_identifier();
      if (!id || id->empty()) return lacks("subject key identifier");
      identity.octets = *std::move(id);
      break;
    }
    case IdentityForm::sha1_public_key:
      identity.octets = certificate.thumbprint();
      break;
    case IdentityForm::issuer_sid: {
      auto sid = sid_of(certificate);
      if (!sid) return lacks("SID");
      identity.sid = *std::move(sid);
      break;
    }
    case IdentityForm::issuer_subject:
    case IdentityForm::subject:
      if (certificate.subject().empty()) return lacks("subject");
      identity.subject = certificate.subject().to_alt_security();
      break;
    case IdentityForm::rfc822: {
      const auto names_of = certificate.subject_alt_names();
      const auto mail = std::find_if(names_of.begin(), names_of.end(),
                                     [](const GeneralName& n) { return n.kind == GeneralName::Kind::email; });
      if (mail == names_of.end() || trim(mail->text).empty()) return lacks("e-mail address");
      identity.mail = mail->text;
      break;
    }
    case IdentityForm::issuer:
      break;
  }
  return identity;
}

IdentityKey match_key(const AltSecurityIdentity& identity) {
  switch (identity.form) {
    case IdentityForm::issuer_serial:
      return {identity.form, two(fold_name(identity.issuer), as_text(identity.octets))};
    case IdentityForm::subject_key_identifier:
    case IdentityForm::sha1_public_key:
      return {identity.form, mimica::to_string(BytesView(identity.octets))};
    case IdentityForm::issuer_sid:
      return {identity.form, two(fold_name(identity.issuer), identity.sid.to_string())};
    case IdentityForm::issuer_subject:
      return {identity.form, two(fold_name(identity.issuer), fold_name(identity.subject))};
    case IdentityForm::subject:
      return {identity.form, fold_name(identity.subject)};
    case IdentityForm::rfc822:
      return {identity.form, to_lower(trim(identity.mail))};
    case IdentityForm::issuer:
      return {identity.form, fold_name(identity.issuer)};
  }
  return {};
}

std::vector<IdentityKey> match_keys(const Certificate& certificate, const std::optional<Sid>& sid) {
  std::vector<IdentityKey> keys;
  const auto issuers = folded_names(certificate.issuer());
  const auto subjects =
      certificate.subject().empty() ? std::vector<std::string>{} : folded_names(certificate.subject());
  for (const std::string& issuer : issuers) {
    keys.push_back({IdentityForm::issuer_serial, two(issuer, as_text(certificate.serial()))});
    if (sid) keys.push_back({IdentityForm::issuer_sid, two(issuer, sid->to_string())});
    for (const std::string& subject : subjects) keys.push_back({IdentityForm::issuer_subject, two(issuer, subject)});
    keys.push_back({IdentityForm::issuer, issuer});
  }
  for (const std::string& subject : subjects) keys.push_back({IdentityForm::subject, subject});
  if (const auto id = certificate.subject_key_identifier(); id && !id->empty())
    keys.push_back({IdentityForm::subject_key_identifier, mimica::to_string(BytesView(*id))});
  keys.push_back({IdentityForm::sha1_public_key, mimica::to_string(BytesView(certificate.thumbprint()))});
  keys.push_back({IdentityForm::sha1_public_key,
                  mimica::to_string(BytesView(certificate.public_key().key_identifier())), /*of_key_hash=*/true});
  for (const GeneralName& name : certificate.subject_alt_names())
    if (name.kind == GeneralName::Kind::email && !trim(name.text).empty())
      keys.push_back({IdentityForm::rfc822, to_lower(trim(name.text))});
  return keys;
}

bool matches(const AltSecurityIdentity& identity, const Certificate& certificate) {
  const IdentityKey wanted = match_key(identity);
  const auto keys = match_keys(certificate, sid_of(certificate));
  return std::any_of(keys.begin(), keys.end(), [&](const IdentityKey& key) {
    return !key.of_key_hash && key.form == wanted.form && key.key == wanted.key;
  });
}

std::string near_miss(const AltSecurityIdentity& identity, const Certificate& certificate) {
  const auto other_order = [](const Name& name, std::string_view written) {
    Name turned = name;
    std::reverse(turned.rdns.begin(), turned.rdns.end());
    const auto forward = folded_names(name);
    const auto backward = folded_names(turned);
    const std::string text = fold_name(written);
    return std::find(forward.begin(), forward.end(), text) == forward.end() &&
           std::find(backward.begin(), backward.end(), text) != backward.end();
  };
  if (!identity.issuer.empty() && other_order(certificate.issuer(), identity.issuer))
    return "the issuer is written leaf first; altSecurityIdentities wants the encoded order: " +
           certificate.issuer().to_alt_security();
  if (!identity.subject.empty() && other_order(certificate.subject(), identity.subject))
    return "the subject is written leaf first; altSecurityIdentities wants the encoded order: " +
           certificate.subject().to_alt_security();
  const bool palindrome = reversed(identity.octets) == identity.octets;
  if (identity.form == IdentityForm::issuer_serial && !palindrome && reversed(identity.octets) == certificate.serial())
    return "the serial number is not reversed; <SR> wants " + to_hex(reversed(certificate.serial()));
  if (identity.form == IdentityForm::subject_key_identifier && !palindrome)
    if (const auto id = certificate.subject_key_identifier(); id && *id == reversed(identity.octets))
      return "the subject key identifier is reversed; <SKI> wants " + to_hex(*id);
  if (identity.form == IdentityForm::sha1_public_key && identity.octets == certificate.public_key().key_identifier())
    return "<SHA1-PUKEY> holds the hash of the public key; domain controllers compare the certificate's thumbprint " +
           to_hex(certificate.thumbprint());
  return {};
}

std::optional<Sid> sid_from_uri(std::string_view uri, bool list_accepted) {
  if (!is_sid_uri(uri)) return std::nullopt;
  std::string_view text = uri.substr(kUriPrefix.size());
  if (list_accepted) text = text.substr(0, text.find(','));
  auto sid = Sid::parse(trim(text));
  if (!sid) return std::nullopt;
  return *std::move(sid);
}

bool is_sid_uri(std::string_view uri) { return starts_with_ignore_case(uri, kUriPrefix); }

std::string sid_uri(const Sid& sid) { return std::string(kUriPrefix) + sid.to_string(); }

}  // namespace mimica::kdc
