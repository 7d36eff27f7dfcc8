#include "ca/registry/subject_template.h"

#include <array>

#include "core/base/bytes.h"

namespace mimica::ca {
namespace {

struct SubjectWord {
  std::string_view word;
  std::string_view type;
  std::size_t max_characters;
};
constexpr std::array<SubjectWord, 16> kSubjectWords = {{
    {"Country", "2.5.4.6", 2},
    {"Organization", "2.5.4.10", 64},
    {"OrganizationalUnit", "2.5.4.11", 64},
    {"CommonName", "2.5.4.3", 64},
    {"Locality", "2.5.4.7", 128},
    {"State", "2.5.4.8", 128},
    {"Title", "2.5.4.12", 64},
    {"GivenName", "2.5.4.42", 16},
    {"Initials", "2.5.4.43", 5},
    {"SurName", "2.5.4.4", 40},
    {"DomainComponent", "0.9.2342.19200300.100.1.25", 128},
    {"EMail", "1.2.840.113549.1.9.1", 128},
    {"StreetAddress", "2.5.4.9", 30},
    {"UnstructuredName", "1.2.840.113549.1.9.2", 1024},
    {"UnstructuredAddress", "1.2.840.113549.1.9.8", 1024},
    {"DeviceSerialNumber", "2.5.4.5", 1024},
}};

}  // namespace

std::string_view subject_template_word(const Oid& type) {
  for (const SubjectWord& entry : kSubjectWords)
    if (entry.type == type.dotted()) return entry.word;
  return type.dotted();
}

std::size_t max_characters(const Oid& type) {
  for (const SubjectWord& entry : kSubjectWords)
    if (entry.type == type.dotted()) return entry.max_characters;
  return 0;
}

Oid subject_template_type(std::string_view word) {
  for (const SubjectWord& entry : kSubjectWords)
    if (equals_ignore_case(entry.word, word)) return Oid(entry.type);
  return {};
}

}  // namespace mimica::ca
