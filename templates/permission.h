// Who may do what with a template (MS-CRTD 2.5, MS-ADTS 5.1.3.3).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/decision.h"
#include "core/windows/security_descriptor.h"
#include "templates/template.h"

namespace mimica::templates {

// How explanations name accounts: "CONTOSO\\Domain Users". An empty function or answer gives the SID itself.
using NameOf = std::function<std::string(const Sid&)>;

enum class Right { full_control, read, write, enroll, autoenroll };  // as the Security tab shows them
std::string_view to_string(Right right);  // "Full Control", "Read", "Write", "Enroll", "Autoenroll"

bool holds(const CertificateTemplate& value, const Token& token, Right right);
// What the token holds, in the order of the enumeration; "nothing" when the list is empty.
std::vector<Right> held_rights(const CertificateTemplate& value, const Token& token);
std::string describe(const std::vector<Right>& rights);

// The accounts that hold the right by an entry of their own and are not denied it by one, in stored order.
std::vector<Sid> holders(const CertificateTemplate& value, Right right);

// "A, B and C" by name.
std::string describe(const std::vector<Sid>& accounts, const NameOf& name_of);

// Rule templates.permission.enroll; refused with CERTSRV_E_TEMPLATE_DENIED. `caller_name` is used in the explanation.
Decision<Unit> decide_enroll(const CertificateTemplate& value, const Token& caller, std::string_view caller_name,
                             const NameOf& name_of = {});

// Rule templates.permission.read. A template that the CA's own account cannot read does not exist for it
// (CERTSRV_E_UNSUPPORTED_CERT_TYPE); anybody else gets E_ACCESSDENIED.
enum class Reader { certification_authority, client };
Decision<Unit> decide_read(const CertificateTemplate& value, const Token& reader, std::string_view reader_name,
                           Reader as, const NameOf& name_of = {});

}  // namespace mimica::templates
