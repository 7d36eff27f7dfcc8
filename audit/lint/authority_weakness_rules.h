// Known misconfigurations of a certification authority, under the names the field gives them.
#pragma once

#include "core/base/decision.h"

namespace mimica::audit::rule {

inline constexpr Rule kWeaknessEsc6{
    "ca.lint.esc6",
    "The CA does not take alternative names from request attributes (EDITF_ATTRIBUTESUBJECTALTNAME2), or its "
    "certificates carry the requester's SID all the same.",
    "Certified Pre-Owned (SpecterOps, 2021) ESC6; KB5014754",
    "certutil -setreg policy\\EditFlags -EDITF_ATTRIBUTESUBJECTALTNAME2, and restart the service"};
inline constexpr Rule kWeaknessEsc7{
    "ca.lint.esc7", "No low-privileged group may manage the CA or its certificates.",
    "Certified Pre-Owned (SpecterOps, 2021) ESC7; MS-CSRA 3.1.1.7",
    "take 'Manage CA' and 'Issue and Manage Certificates' from broad groups on the CA's Security tab"};
inline constexpr Rule kWeaknessEsc8{
    "ca.lint.esc8", "Web enrollment cannot be used with relayed credentials.",
    "Certified Pre-Owned (SpecterOps, 2021) ESC8; KB5005413",
    "remove web enrollment, or require HTTPS and Extended Protection for Authentication"};
inline constexpr Rule kWeaknessEsc11{
    "ca.lint.esc11", "The request interface demands encryption (IF_ENFORCEENCRYPTICERTREQUEST).",
    "MS-WCCE 3.2.2.6.2.1; Compass Security, Relaying to AD Certificate Services over RPC (2022)",
    "certutil -setreg CA\\InterfaceFlags +IF_ENFORCEENCRYPTICERTREQUEST, and restart the service"};
inline constexpr Rule kWeaknessEsc16{
    "ca.lint.esc16", "The CA puts the SID extension into certificates.", "Certipy wiki, ESC16; KB5014754",
    "certutil -setreg policy\\DisableExtensionList -1.3.6.1.4.1.311.25.2, and restart the service"};

}  // namespace mimica::audit::rule
