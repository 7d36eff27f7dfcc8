#include "ldap/store/ldif.h"

#include <optional>

#include "core/base/encoding.h"
#include "core/windows/security_descriptor.h"
#include "ldap/schema/schema.h"

namespace mimica::ldap {
namespace {

constexpr std::size_t kMaxRecords = 1'000'000;
constexpr std::size_t kColumns = 76;

struct Line {
  std::string text;  // unfolded
  int number = 0;
};

// Unfolds and drops comments. An empty text separates records.
std::vector<Line> logical_lines(std::string_view text) {
  std::vector<Line> lines;
  int number = 0;
  bool in_comment = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (number == 1) line = without_utf8_mark(line);
    if (!line.empty() && line.front() == ' ') {
      if (in_comment) continue;
      if (!lines.empty() && !lines.back().text.empty()) {
        lines.back().text.append(line.substr(1));
        continue;
      }
      if (trim(line).empty()) line = {};
    }
    in_comment = !line.empty() && line.front() == '#';
    if (!in_comment) lines.push_back({std::string(line), number});
  }
  return lines;
}

// ldifde writes DNs in the code page of the console: octets that are not UTF-8 are read as Latin-1, which agrees with
// Windows-1252 for every letter.
std::string as_utf8(std::string text) {
  if (is_valid_utf8(text)) return text;
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0 | octet >> 6));
      out.push_back(static_cast<char>(0x80 | (octet & 0x3F)));
    }
  }
  return out;
}

class Parser {
 public:
  Parser(std::vector<Line> lines, std::string_view source) : lines_(std::move(lines)), source_(source) {}

  Result<std::vector<LdifRecord>> parse() {
    std::vector<LdifRecord> records;
    while (skip_blank()) {
      if (records.empty() && starts_with_ignore_case(lines_[at_].text, "version:")) {
        if (trim(std::string_view(lines_[at_].text).substr(8)) != "1") return bad("only LDIF version 1 is known");
        ++at_;
        continue;
      }
      // ldapsearch adds lines about the search itself, and continuation references to other naming contexts.
      if (starts_with_ignore_case(lines_[at_].text, "search:") ||
          starts_with_ignore_case(lines_[at_].text, "result:") || starts_with_ignore_case(lines_[at_].text, "ref:")) {
        while (in_record()) ++at_;
        continue;
      }
      if (records.size() == kMaxRecords) return bad("too many records");
      MIMICA_TRY(auto record, parse_record());
      records.push_back(std::move(record));
    }
    return records;
  }

 private:
  struct Pair {
    std::string name;  // as written, with options
    std::string value;
  };

  Fault bad(std::string what) const {
    const int line = at_ < lines_.size() ? lines_[at_].number : lines_.empty() ? 0 : lines_.back().number;
    return fault(LdapCode::protocolError, std::move(what),
                 {.source = source_, .line = line, .column = 0, .offset = {}});
  }
  bool skip_blank() {
    while (at_ < lines_.size() && lines_[at_].text.empty()) ++at_;
    return at_ < lines_.size();
  }
  bool in_record() const { return at_ < lines_.size() && !lines_[at_].text.empty(); }

  Result<Pair> pair() {
    const std::string_view line = lines_[at_].text;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return bad("expected 'name: value'");
    const std::string_view name = trim(line.substr(0, colon));
    if (name.empty()) return bad("expected 'name: value'");
    std::string_view value = line.substr(colon + 1);
    Pair out{std::string(name), {}};
    if (!value.empty() && value.front() == ':') {
      auto octets = from_base64(value.substr(1));
      if (!octets) return bad("the value of " + out.name + " is not base64");
      out.value = to_string(*octets);
    } else if (!value.empty() && value.front() == '<') {
      return bad("the value of " + out.name + " is a URL, which is not read");
    } else {
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      out.value = value;
    }
    return out;
  }

  Result<LdifRecord> parse_record() {
    LdifRecord record;
    record.line = lines_[at_].number;
    MIMICA_TRY(auto dn, pair());
    if (!equals_ignore_case(dn.name, "dn")) return bad("a record must begin with 'dn:', not '" + dn.name + ":'");
    record.entry.set_dn(as_utf8(std::move(dn.value)));
    ++at_;
    while (in_record() && starts_with_ignore_case(lines_[at_].text, "control:")) ++at_;
    if (in_record() && starts_with_ignore_case(lines_[at_].text, "changetype:")) {
      MIMICA_TRY(auto type, pair());
      const std::string kind = to_lower(trim(type.value));
      if (kind == "add") {
        record.kind = LdifRecord::Kind::add;
      } else if (kind == "modify") {
        record.kind = LdifRecord::Kind::modify;
      } else if (kind == "delete") {
        record.kind = LdifRecord::Kind::erase;
      } else if (kind == "modrdn" || kind == "moddn") {
        record.kind = LdifRecord::Kind::modify_dn;
      } else {
        return bad("unknown changetype '" + kind + "'");
      }
      ++at_;
    }
    switch (record.kind) {
      case LdifRecord::Kind::content:
      case LdifRecord::Kind::add:
        MIMICA_RETURN_IF_FAULT(parse_attributes(record));
        break;
      case LdifRecord::Kind::modify:
        MIMICA_RETURN_IF_FAULT(parse_modifications(record));
        break;
      case LdifRecord::Kind::modify_dn:
        MIMICA_RETURN_IF_FAULT(parse_rename(record));
        break;
      case LdifRecord::Kind::erase:
        if (in_record()) return bad("nothing may follow 'changetype: delete'");
        break;
    }
    return record;
  }

  Result<void> parse_attributes(LdifRecord& record) {
    while (in_record()) {
      MIMICA_TRY(auto value, pair());
      record.entry.add(value.name, std::move(value.value));
      ++at_;
    }
    return {};
  }

  Result<void> parse_modifications(LdifRecord& record) {
    while (in_record()) {
      MIMICA_TRY(auto head, pair());
      Modification change;
      const std::string kind = to_lower(head.name);
      if (kind == "add") {
        change.kind = Modification::Kind::add;
      } else if (kind == "delete") {
        change.kind = Modification::Kind::erase;
      } else if (kind == "replace") {
        change.kind = Modification::Kind::replace;
      } else {
        return bad("expected 'add:', 'delete:' or 'replace:', not '" + head.name + ":'");
      }
      change.attribute.name = base_name(trim(head.value));
      ++at_;
      while (in_record() && trim(lines_[at_].text) != "-") {
        MIMICA_TRY(auto value, pair());
        if (!equals_ignore_case(base_name(value.name), change.attribute.name))
          return bad("expected a value of " + change.attribute.name + ", not of " + value.name);
        change.attribute.values.push_back(std::move(value.value));
        ++at_;
      }
      if (in_record()) ++at_;  // the separator may be missing after the last change
      record.modifications.push_back(std::move(change));
    }
    return {};
  }

  Result<void> parse_rename(LdifRecord& record) {
    while (in_record()) {
      MIMICA_TRY(auto value, pair());
      const std::string name = to_lower(value.name);
      if (name == "newrdn") {
        record.new_rdn = as_utf8(std::move(value.value));
      } else if (name == "deleteoldrdn") {
        record.delete_old_rdn = trim(value.value) != "0";
      } else if (name == "newsuperior") {
        record.new_superior = as_utf8(std::move(value.value));
      } else {
        return bad("expected 'newrdn:', 'deleteoldrdn:' or 'newsuperior:', not '" + value.name + ":'");
      }
      ++at_;
    }
    if (record.new_rdn.empty()) return bad("a rename needs 'newrdn:'");
    return {};
  }

  std::vector<Line> lines_;
  std::string source_;
  std::size_t at_ = 0;
};

bool needs_base64(std::string_view value) {
  if (value.empty()) return false;
  if (value.front() == ' ' || value.front() == ':' || value.front() == '<' || value.back() == ' ') return true;
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    // RFC 2849 allows most control characters; a terminal would obey them.
    if (octet >= 0x7F || octet < 0x20) return true;
  }
  return false;
}

void write_line(std::string& out, std::string_view name, std::string_view value) {
  std::string line(name);
  if (needs_base64(value)) {
    line += ":: " + to_base64(as_bytes(value));
  } else {
    line += value.empty() ? ":" : ": ";
    line += value;
  }
  std::string_view rest = line;
  out += rest.substr(0, kColumns);
  rest.remove_prefix(std::min(rest.size(), kColumns));
  while (!rest.empty()) {
    out += "\n ";
    out += rest.substr(0, kColumns - 1);
    rest.remove_prefix(std::min(rest.size(), kColumns - 1));
  }
  out += '\n';
}

std::string with_suffix(std::string_view dn, const Rebase& how) {
  if (how.from_suffix.empty() || dn.size() < how.from_suffix.size()) return std::string(dn);
  const std::size_t kept = dn.size() - how.from_suffix.size();
  if (!equals_ignore_case(dn.substr(kept), how.from_suffix)) return std::string(dn);
  if (kept > 0 && dn[kept - 1] != ',' && dn[kept - 1] != ':') return std::string(dn);
  return std::string(dn.substr(0, kept)) + how.to_suffix;
}

void move_sid(Sid& sid, const Rebase& how) {
  if (sid.domain() == how.from_domain) {
    sid = how.to_domain.with_rid(sid.rid());
  } else if (sid == how.from_domain) {
    sid = how.to_domain;
  }
}

void move_acl(std::optional<Acl>& acl, const Rebase& how) {
  if (!acl) return;
  for (Ace& ace : acl->aces) move_sid(ace.trustee, how);
}

void move_sids(const AttributeType& type, std::string& value, const Rebase& how) {
  if (type.syntax == Syntax::sid) {
    if (auto sid = Sid::from_binary(as_bytes(value))) {
      move_sid(*sid, how);
      value = to_string(sid->to_binary());
    }
  } else if (type.syntax == Syntax::security_descriptor) {
    if (auto sd = SecurityDescriptor::from_binary(as_bytes(value))) {
      if (sd->owner) move_sid(*sd->owner, how);
      if (sd->group) move_sid(*sd->group, how);
      move_acl(sd->dacl, how);
      move_acl(sd->sacl, how);
      value = to_string(sd->to_binary());
    }
  }
}

void rebase_values(std::string_view name, std::vector<std::string>& values, const Rebase& how) {
  const AttributeType* type = Schema::active_directory().attribute(name);
  if (type == nullptr) return;
  for (std::string& value : values) {
    if (type->syntax == Syntax::dn || type->syntax == Syntax::dn_binary || type->syntax == Syntax::dn_string)
      value = with_suffix(value, how);
    if (!how.from_domain.empty() && !how.to_domain.empty()) move_sids(*type, value, how);
  }
}

}  // namespace

Result<std::vector<LdifRecord>> parse_ldif(std::string_view text, std::string_view source) {
  if (text.size() > kMaxLdifSize)
    return fault(LdapCode::adminLimitExceeded, "LDIF is larger than 64 MiB",
                 {.source = std::string(source), .offset = {}});
  return Parser(logical_lines(text), source).parse();
}

std::string write_ldif(const std::vector<Entry>& entries, bool as_changes) {
  std::string out = "version: 1\n";
  for (const Entry& entry : entries) {
    out += '\n';
    write_line(out, "dn", entry.dn());
    if (as_changes) out += "changetype: add\n";
    for (const Attribute& attribute : entry.attributes())
      for (const std::string& value : attribute.values) write_line(out, attribute.name, value);
  }
  return out;
}

std::string write_change(std::string_view dn, const std::vector<Modification>& modifications) {
  std::string out;
  write_line(out, "dn", dn);
  out += "changetype: modify\n";
  for (const Modification& change : modifications) {
    const std::string_view kind = change.kind == Modification::Kind::add     ? "add"
                                  : change.kind == Modification::Kind::erase ? "delete"
                                                                             : "replace";
    write_line(out, kind, change.attribute.name);
    for (const std::string& value : change.attribute.values) write_line(out, change.attribute.name, value);
    out += "-\n";
  }
  out += '\n';
  return out;
}

Result<void> apply_ldif(Directory& directory, const std::vector<LdifRecord>& records) {
  for (const LdifRecord& record : records) {
    Result<void> done;
    switch (record.kind) {
      case LdifRecord::Kind::content:
      case LdifRecord::Kind::add:
        done = directory.add(record.entry);
        break;
      case LdifRecord::Kind::modify:
        done = directory.modify(record.entry.dn(), record.modifications);
        break;
      case LdifRecord::Kind::erase:
        done = directory.remove(record.entry.dn());
        break;
      case LdifRecord::Kind::modify_dn:
        done = directory.modify_dn(record.entry.dn(), record.new_rdn, record.delete_old_rdn, record.new_superior);
        break;
    }
    if (done) continue;
    Fault problem = std::move(done).error();
    problem.what = "record of " + record.entry.dn() + ": " + problem.what;
    if (problem.where.source.empty()) problem.where.source = "LDIF";
    problem.where.line = record.line;
    return problem;
  }
  return {};
}

Entry rebase(Entry entry, const Rebase& how) {
  Entry out(with_suffix(entry.dn(), how));
  for (const Attribute& attribute : entry.attributes()) {
    std::vector<std::string> values = attribute.values;
    rebase_values(attribute.name, values, how);
    out.set(attribute.name, std::move(values));
  }
  return out;
}

std::vector<LdifRecord> rebase(std::vector<LdifRecord> records, const Rebase& how) {
  for (LdifRecord& record : records) {
    record.entry = rebase(std::move(record.entry), how);
    for (Modification& change : record.modifications)
      rebase_values(change.attribute.name, change.attribute.values, how);
    record.new_superior = with_suffix(record.new_superior, how);
  }
  return records;
}

}  // namespace mimica::ldap
