// How certutil -view prints a row.
#include <algorithm>

#include "ca/revocation/crl.h"
#include "ca/views/view.h"
#include "core/base/text.h"
#include "core/pki/certificate.h"
#include "templates/flags.h"

namespace mimica::ca {
namespace {

struct NamedBit {
  std::uint32_t bit;
  std::string_view name;
};

std::string hexadecimal(std::uint32_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), kDigits[value & 15U]);
    value >>= 4U;
  } while (value != 0);
  return out;
}

// "0x4", "0x14 (20)".
std::string number_text(std::int64_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  std::string out = "0x" + hexadecimal(bits);
  if (value < 0) return out + " (" + std::to_string(value) + ")";
  return bits < 10 ? out : out + " (" + std::to_string(bits) + ")";
}

// "    CT_FLAG_PUBLISH_TO_DS -- 8" for each bit; hexadecimal, from 10 on also decimal.
std::string bit_line(std::string_view name, std::uint32_t bit) {
  std::string out = "\n    " + std::string(name) + " -- " + hexadecimal(bit);
  return bit < 10 ? out : out + " (" + std::to_string(bit) + ")";
}

template <typename Flag>
std::string flag_lines(std::uint32_t value, std::string_view prefix) {
  std::string out;
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) {
    if ((value & bit) == 0) continue;
    const std::string name = templates::to_string(templates::FlagSet<Flag>(bit));
    if (!name.starts_with("0x")) out += bit_line(std::string(prefix) + name, bit);
  }
  return out;
}

constexpr std::string_view kServerVersions[] = {"NONE", "2003", "2008", "2008R2", "WIN8", "WINBLUE", "THRESHOLD"};

std::string private_key_lines(std::uint32_t value) {
  std::string out = flag_lines<templates::PrivateKeyFlag>(value & 0xF0F0FFFFU, "CTPRIVATEKEY_FLAG_");
  const std::uint32_t server = value >> 16U & 15U, client = value >> 24U & 15U;
  const auto version = [](std::uint32_t index) {
    return index < std::size(kServerVersions) ? std::string(kServerVersions[index]) : std::to_string(index);
  };
  if (server != 0)
    out += bit_line("TEMPLATE_SERVER_VER_" + version(server) + "<<CTPRIVATEKEY_FLAG_SERVERVERSION_SHIFT",
                    value & 0xF0000U);
  constexpr std::string_view kClients[] = {"NONE", "XP", "VISTA", "WIN7", "WIN8", "WINBLUE", "THRESHOLD"};
  if (client != 0)
    out += bit_line("TEMPLATE_CLIENT_VER_" +
                        (client < std::size(kClients) ? std::string(kClients[client]) : std::to_string(client)) +
                        "<<CTPRIVATEKEY_FLAG_CLIENTVERSION_SHIFT",
                    value & 0xF000000U);
  return out;
}

// CR_FLG_* (MS-CSRA 3.1.1.1.2).
constexpr NamedBit kRequestFlags[] = {{0x1, "Force Teletex"},
                                      {0x2, "Renewal"},
                                      {0x4, "Force UTF-8"},
                                      {0x8, "CA Exchange Certificate"},
                                      {0x10, "Enroll On Behalf Of"},
                                      {0x20, "Subject Unmodified"},
                                      {0x40, "Valid Encrypted Key Hash"},
                                      {0x80, "CA Cross Certificate"},
                                      {0x100, "Enforce UTF-8"},
                                      {0x200, "Defined CA Certificate"},
                                      {0x400, "Challenge Pending"},
                                      {0x800, "Challenge Satisfied"},
                                      {0x1000, "Trust On Use"},
                                      {0x2000, "Trust EK Certificate"},
                                      {0x4000, "Trust EK Key"},
                                      {0x80000000U, "Publish Error"}};
// CPF_* (MS-CSRA 3.1.1.4.1).
constexpr NamedBit kCrlFlags[] = {{0x1, "CPF_BASE"},
                                  {0x2, "CPF_DELTA"},
                                  {0x4, "CPF_COMPLETE"},
                                  {0x8, "CPF_SHADOW"},
                                  {0x10, "CPF_CASTORE_ERROR"},
                                  {0x20, "CPF_BADURL_ERROR"},
                                  {0x40, "CPF_MANUAL"},
                                  {0x80, "CPF_SIGNATURE_ERROR"},
                                  {0x100, "CPF_LDAP_ERROR"},
                                  {0x200, "CPF_FILE_ERROR"},
                                  {0x400, "CPF_FTP_ERROR"},
                                  {0x800, "CPF_HTTP_ERROR"},
                                  {0x1000, "CPF_POSTPONED_BASE_LDAP_ERROR"},
                                  {0x2000, "CPF_POSTPONED_BASE_FILE_ERROR"}};

std::string request_type_text(std::uint32_t value) {
  std::string out;
  switch (value >> 8U & 0xFFU) {
    case 0:
      out = "Any";
      break;
    case 1:
      out = "PKCS10";
      break;
    case 2:
      out = "KeyGen";
      break;
    case 3:
      out = "PKCS7";
      break;
    case 4:
      out = "CMC";
      break;
    case 5:
      out = "Challenge Response";
      break;
    default:
      out = "Unknown Type";
  }
  if ((value & 0x40000U) != 0) out += ", Full Response";
  return out;
}

// "0x80094800 (-2146875392 CERTSRV_E_UNSUPPORTED_CERT_TYPE) -- …", "0x80070057 (WIN32: 87 E_INVALIDARG) -- …".
std::string status_text(std::uint32_t status) {
  constexpr std::uint32_t kWin32 = 0x80070000U;
  if (status == 0) return "0x0 (WIN32: 0) -- The operation completed successfully.";
  const Code code{static_cast<HResult>(status)};
  const std::string_view known = sentence(code);
  std::string out = "0x" + hexadecimal(status) + " (";
  if ((status & 0xFFFF0000U) == kWin32) {
    out += "WIN32: " + std::to_string(status & 0xFFFFU);
  } else {
    out += std::to_string(static_cast<std::int32_t>(status));
  }
  if (!known.empty()) out += " " + symbol(code);
  out += ")";
  return known.empty() ? out : out + " -- " + std::string(known);
}

std::string extension_flags(std::uint32_t flags) {
  constexpr std::string_view kOrigins[] = {
      "", "Request", "Policy", "Admin", "Server", "Renewal Cert", "Imported Cert", "PKCS7", "CMC", "CA Cert"};
  std::string out;
  const auto add = [&out](std::string_view text) { append_item(out, text); };
  if ((flags & extension_flag::kCritical) != 0) add("Critical");
  if ((flags & extension_flag::kDisabled) != 0) add("Disabled");
  const std::uint32_t origin = flags >> 16U & 15U;
  if (origin > 0 && origin < std::size(kOrigins)) add("Origin=" + std::string(kOrigins[origin]));
  return out;
}

std::string spaced(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) out += (i == 0 ? "" : " ") + std::string(hex.substr(i, 2));
  return out;
}

// "0000\t30 82 …", 16 octets a line with a gap in the middle and the printable characters behind.
std::string dump_text(BytesView bytes) {
  constexpr std::size_t kLine = 16;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += kLine) {
    std::string offset = hexadecimal(static_cast<std::uint32_t>(at));
    offset.insert(0, offset.size() < 4 ? 4 - offset.size() : 0, '0');
    const BytesView line = bytes.subspan(at, std::min(kLine, bytes.size() - at));
    std::string hex, shown;
    for (std::size_t i = 0; i < line.size(); ++i) {
      hex += (i == 0 ? "" : i == kLine / 2 ? "  " : " ") + to_hex(line.subspan(i, 1));
      shown += line[i] >= 0x20 && line[i] < 0x7F ? static_cast<char>(line[i]) : '.';
    }
    hex.resize(3 * kLine + 1, ' ');
    out += "\n" + offset + "\t" + hex + "  " + shown;
  }
  return out;
}

std::string pem_text(std::string_view label, const Bytes& bytes) {
  std::string pem = to_pem(label, bytes);
  while (pem.ends_with('\n')) pem.pop_back();
  return "\n" + pem;
}

std::string binary_text(const ViewColumn& column, const Bytes& bytes) {
  switch (column.form) {
    case ColumnForm::request:
      return pem_text("NEW CERTIFICATE REQUEST", bytes);
    case ColumnForm::certificate:
      return pem_text("CERTIFICATE", bytes);
    case ColumnForm::crl:
      return pem_text("X509 CRL", bytes);
    default:
      return dump_text(bytes);
  }
}

bool looks_like_oid(std::string_view text) {
  return text.find('.') != std::string_view::npos && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// What follows an OID: the template's display name, an algorithm's or an extension's name.
std::string name_behind(const ViewColumn& column, const std::string& text, const ViewFormat& format) {
  if (!looks_like_oid(text)) return {};
  if (column.form == ColumnForm::template_name)
    return format.template_name ? format.template_name(text) : std::string{};
  if (text == "1.2.840.113549.1.1.1") return "RSA (RSA_SIGN)";
  if (text == "1.2.840.10045.2.1") return "ECC";
  return std::string(display_name(Oid(text)));
}

std::string long_text(const ViewColumn& column, std::int64_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  const std::string number = number_text(value);
  const auto named = [&](std::span<const NamedBit> names) {
    std::string out;
    for (const NamedBit& one : names)
      if ((bits & one.bit) != 0) out += (out.empty() ? " -- " : ", ") + std::string(one.name);
    return number + out;
  };
  switch (column.form) {
    case ColumnForm::disposition:
      return number + " -- " + std::string(to_string(static_cast<DbDisposition>(value)));
    case ColumnForm::status:
      return status_text(bits);
    case ColumnForm::reason:
      return number + " -- Reason: " + revocation_reason_name(static_cast<int>(value));
    case ColumnForm::request_type:
      return number + " -- " + request_type_text(bits);
    case ColumnForm::request_flags:
      return named(kRequestFlags);
    case ColumnForm::issuer:  // certIndex.keyIndex
      return number + " CA Version " + std::to_string(bits & 0xFFFFU) + "." + std::to_string(bits >> 16U);
    case ColumnForm::enrollment_flags:
      return number + flag_lines<templates::EnrollmentFlag>(bits, "CT_FLAG_");
    case ColumnForm::general_flags:
      return number + flag_lines<templates::GeneralFlag>(bits, "CT_FLAG_");
    case ColumnForm::private_key_flags:
      return number + private_key_lines(bits);
    case ColumnForm::extension_flags: {
      const std::string names = extension_flags(bits);
      return names.empty() ? number : number + " -- " + names;
    }
    case ColumnForm::crl_flags: {
      std::string out = number;
      for (const NamedBit& one : kCrlFlags)
        if ((bits & one.bit) != 0) out += bit_line(one.name, one.bit);
      return out;
    }
    default:
      return number;
  }
}

// Values in a csv line: decimal numbers, no bit names, sizes of binary columns.
std::string csv_value(const ViewColumn& column, const ViewValue& value, const ViewFormat& format) {
  if (const auto* bytes = std::get_if<Bytes>(&value)) return std::to_string(bytes->size()) + " Bytes";
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    switch (column.form) {
      case ColumnForm::disposition:
        return std::to_string(*number) + " -- " + std::string(to_string(static_cast<DbDisposition>(*number)));
      case ColumnForm::reason:
        return std::to_string(*number) + " -- Reason: " + revocation_reason_name(static_cast<int>(*number));
      case ColumnForm::status:
        return status_text(static_cast<std::uint32_t>(*number));
      default:
        return std::to_string(*number);
    }
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (column.form == ColumnForm::hash) return spaced(*text);
    const std::string name = name_behind(column, *text, format);
    return name.empty() ? *text : *text + " " + name;
  }
  return value_text(column, value, format);
}

// RFC 4180; line ends inside a value stay.
std::string csv_field(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

// As the real database counts: 4 octets for numbers, 8 for dates, UTF-16 for texts.
std::size_t text_size(std::string_view text) {
  const auto utf16 = utf8_to_utf16(text);
  return 2 * (utf16 ? utf16->size() : text.size());
}

std::size_t size_of(const ViewValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text_size(*text);
  if (const auto* bytes = std::get_if<Bytes>(&value)) return bytes->size();
  return std::holds_alternative<Timestamp>(value) ? 8 : 4;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string right_aligned(std::int64_t value) {
  std::string text = std::to_string(value);
  if (text.size() < 4) text.insert(0, 4 - text.size(), ' ');
  return text;
}

std::string_view type_name(ColumnType type) {
  switch (type) {
    case ColumnType::long_integer:
      return "Long";
    case ColumnType::date:
      return "Date";
    case ColumnType::binary:
      return "Binary";
    case ColumnType::text:
      return "String";
  }
  return "";
}

}  // namespace

std::string to_us_date(Timestamp t) {
  const CivilTime civil = to_civil(t);
  const int hour = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  return std::to_string(civil.month) + "/" + std::to_string(civil.day) + "/" + std::to_string(civil.year) + " " +
         std::to_string(hour) + (civil.minute < 10 ? ":0" : ":") + std::to_string(civil.minute) +
         (civil.hour < 12 ? " AM" : " PM");
}

std::string schema_text(const std::vector<const ViewColumn*>& columns) {
  constexpr std::size_t kName = 28, kType = 6;
  std::string out = "Schema:\n";
  out += "  " + padded("Column Name", kName) + "  " + padded("Localized Name", kName) + "  " + padded("Type", kType) +
         "  MaxLength\n";
  out += "  " + std::string(kName, '-') + "  " + std::string(kName, '-') + "  " + std::string(kType, '-') +
         "  ---------\n";
  for (const ViewColumn* column : columns)
    out += "  " + padded(std::string(column->name), kName) + "  " + padded(std::string(column->display_name), kName) +
           "  " + padded(std::string(type_name(column->type)), kType) + "  " + std::to_string(column->max_length) +
           (column->indexed ? " -- Indexed" : "") + "\n";
  return out;
}

std::string value_text(const ViewColumn& column, const ViewValue& value, const ViewFormat& format) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return long_text(column, *number);
  if (const auto* date = std::get_if<Timestamp>(&value)) return to_us_date(*date);
  if (const auto* bytes = std::get_if<Bytes>(&value)) return binary_text(column, *bytes);
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (column.form == ColumnForm::hash) return "\"" + spaced(*text) + "\"";
    const std::string name = name_behind(column, *text, format);
    return "\"" + *text + "\"" + (name.empty() ? "" : " " + name);
  }
  return "EMPTY";
}

void ViewPrinter::Sizes::add(std::size_t size) {
  ++count;
  total += static_cast<std::int64_t>(size);
  largest = std::max(largest, static_cast<std::int64_t>(size));
}

std::string ViewPrinter::line(const Sizes& sizes, std::string_view what) {
  return right_aligned(sizes.count) + " " + std::string(what) + ", Total Size = " + std::to_string(sizes.total) +
         ", Max Size = " + std::to_string(sizes.largest) +
         ", Ave Size = " + std::to_string(sizes.count == 0 ? 0 : sizes.total / sizes.count) + "\n";
}

std::string ViewPrinter::head() const {
  if (!format_.csv) return schema_text(query_.columns);
  const std::string out =
      join(query_.columns, ",", [](const ViewColumn* column) { return csv_field(std::string(column->display_name)); });
  return out + "\n";
}

std::string ViewPrinter::row(const ViewRow& row) {
  ++rows_;
  std::string out;
  if (format_.csv) {
    for (std::size_t i = 0; i < query_.columns.size(); ++i)
      out += (i == 0 ? "" : ",") + csv_field(csv_value(*query_.columns[i], row.values[i], format_));
    return out + "\n";
  }
  out = "\nRow " + std::to_string(rows_) + ":\n";
  for (std::size_t i = 0; i < query_.columns.size(); ++i) {
    const ViewColumn& column = *query_.columns[i];
    const std::string text = value_text(column, row.values[i], format_);
    out += "  " + std::string(column.display_name) + ":" + (text.starts_with('\n') ? "" : " ") + text + "\n";
    if (row.values[i].index() != 0) properties_.add(size_of(row.values[i]));
  }
  if (!query_.with_attributes) return out;
  if (!row.attributes.empty()) out += "\n  Request Attributes:\n";
  for (const RequestAttribute& attribute : row.attributes) {
    out += "    " + attribute.name + ": \"" + attribute.value + "\"\n";
    attributes_.add(text_size(attribute.value));
  }
  if (!row.extensions.empty()) out += "\n  Certificate Extensions:\n";
  for (const ExtensionRow& extension : row.extensions) {
    out += "    " + extension.oid.dotted() + ": Flags = " + hexadecimal(extension.flags) + "(" +
           extension_flags(extension.flags) +
           "), Length = " + hexadecimal(static_cast<std::uint32_t>(extension.value.size())) + "\n";
    const std::string_view name = display_name(extension.oid);
    if (format_.decode_extension) {
      out += format_.decode_extension(extension);
    } else if (!name.empty()) {
      out += "    " + std::string(name) + "\n";
    }
    extensions_.add(extension.value.size());
  }
  return out;
}

std::string ViewPrinter::foot() const {
  if (format_.csv) return {};
  Sizes fields = properties_;
  for (const Sizes* more : {&attributes_, &extensions_}) {
    fields.count += more->count;
    fields.total += more->total;
    fields.largest = std::max(fields.largest, more->largest);
  }
  return "\nMaximum Row Index: " + std::to_string(rows_) + "\n\n" + std::to_string(rows_) + " Rows\n" +
         line(properties_, "Row Properties") + line(attributes_, "Request Attributes") +
         line(extensions_, "Certificate Extensions") + line(fields, "Total Fields");
}

}  // namespace mimica::ca
