// The words of the registry value SubjectTemplate and the name attributes behind them (certutil -getreg
// CA\SubjectTemplate).
#pragma once

#include <string_view>

#include "core/asn1/oid.h"

namespace mimica::ca {

// The upper bound of an RDN type in characters (CertSrv.h cch…MAX, X.520 annex C); 0: none is enforced.
std::size_t max_characters(const Oid& type);

// The OID behind a SubjectTemplate word ("CommonName", "EMail"); empty for an unknown one.
Oid subject_template_type(std::string_view word);

// The word for an OID; dotted for one that has none.
std::string_view subject_template_word(const Oid& type);

}  // namespace mimica::ca
