#include "ldap/io/ldif_file.h"

#include <algorithm>
#include <fstream>

#include "core/base/encoding.h"

namespace mimica::ldap {
namespace {

constexpr std::size_t kPiece = 4 * 1024 * 1024;

// Where the last record that is complete ends: behind an empty line.
std::size_t end_of_records(std::string_view text) {
  for (std::size_t at = text.size(); at > 0;) {
    at = text.rfind('\n', at - 1);
    if (at == std::string_view::npos) return 0;
    std::size_t before = at;
    if (before > 0 && text[before - 1] == '\r') --before;
    if (before > 0 && text[before - 1] == '\n') return at + 1;
    if (at == 0) return 0;
  }
  return 0;
}

class Reader {
 public:
  Reader(const std::string& path, const std::function<Result<void>(LdifRecord)>& take) : path_(path), take_(take) {}

  Result<void> read() {
    std::ifstream in(path_, std::ios::binary);
    std::string piece(kPiece, '\0');
    if (!in || in.peek() == std::ifstream::traits_type::eof())
      return fault("'" + path_ + "' " + (in.is_open() ? "is empty or a folder" : "cannot be read"), {},
                   "give an LDIF export, for example of ldapsearch or ldifde -f");
    bool first = true;
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
      const std::string_view got(piece.data(), static_cast<std::size_t>(in.gcount()));
      if (std::exchange(first, false)) MIMICA_RETURN_IF_FAULT(check_text(got));
      pending_.append(got);
      const std::size_t end = end_of_records(pending_);
      if (end == 0 && pending_.size() > kMaxLdifSize)
        return fault(LdapCode::adminLimitExceeded, "a record is larger than 64 MiB",
                     {.source = path_, .line = line_ + 1, .column = 0, .offset = {}}, "is this an LDIF file?");
      if (end > 0) MIMICA_RETURN_IF_FAULT(records(end));
    }
    if (in.bad()) return fault(HResult::E_FAIL, "reading '" + path_ + "' failed");
    return records(pending_.size());
  }

 private:
  Result<void> check_text(std::string_view start) const {
    const TextEncoding encoding = sniff_encoding(as_bytes(start));
    if (encoding == TextEncoding::utf16_le || encoding == TextEncoding::utf16_be)
      return fault(LdapCode::protocolError, "the file is UTF-16, as ldifde -u writes it",
                   {.source = path_, .line = 1, .column = 0, .offset = {}},
                   "convert it: iconv -f UTF-16 -t UTF-8 FILE > FILE.ldif");
    if (start.substr(0, 4096).find('\0') != std::string_view::npos)
      return fault(LdapCode::protocolError, "the file is not text",
                   {.source = path_, .line = 1, .column = 0, .offset = {}}, "give an LDIF export of the directory");
    return {};
  }

  Result<void> records(std::size_t end) {
    const std::string_view text = std::string_view(pending_).substr(0, end);
    auto parsed = parse_ldif(text, path_);
    if (!parsed) {
      parsed.error().where.line += line_;
      return std::move(parsed).error();
    }
    for (LdifRecord& record : *parsed) {
      record.line += line_;
      MIMICA_RETURN_IF_FAULT(take_(std::move(record)));
    }
    line_ += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    pending_.erase(0, end);
    return {};
  }

  const std::string& path_;
  const std::function<Result<void>(LdifRecord)>& take_;
  std::string pending_;
  int line_ = 0;  // lines before `pending_`
};

}  // namespace

Result<void> read_ldif_file(const std::string& path, const std::function<Result<void>(LdifRecord)>& take) {
  return Reader(path, take).read();
}

}  // namespace mimica::ldap
