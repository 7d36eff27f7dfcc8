// Known misconfigurations of certificate templates, under the names the field gives them.
#pragma once

#include "core/base/decision.h"

namespace mimica::audit::rule {

inline constexpr Rule kWeaknessEsc1{
    "templates.lint.esc1",
    "A template that authenticates and takes its subject from the request is not open to low-privileged groups.",
    "Certified Pre-Owned (SpecterOps, 2021) ESC1; MS-CRTD 2.28",
    "build the subject from the directory, or remove broad groups from the template's permissions"};
inline constexpr Rule kWeaknessEsc2{
    "templates.lint.esc2", "Certificates for any purpose are not open to low-privileged groups.",
    "Certified Pre-Owned (SpecterOps, 2021) ESC2; RFC 5280 4.2.1.12",
    "name the application policies that are needed, or remove broad groups from the template's permissions"};
inline constexpr Rule kWeaknessEsc3{
    "templates.lint.esc3",
    "Certificates of an enrollment agent that may request for others are not open to low-privileged groups.",
    "Certified Pre-Owned (SpecterOps, 2021) ESC3; MS-WCCE 3.2.2.6.2.1.4",
    "remove broad groups from the agent template's permissions and restrict enrollment agents on the CA"};
inline constexpr Rule kWeaknessEsc4{
    "templates.lint.esc4", "No low-privileged group may change the template.",
    "Certified Pre-Owned (SpecterOps, 2021) ESC4; MS-ADTS 5.1.3",
    "take Write and Full Control from broad groups on the template's Security tab, and give it a privileged owner"};
inline constexpr Rule kWeaknessEsc9{
    "templates.lint.esc9",
    "A template that authenticates and is open to low-privileged groups lets the CA put the SID extension in.",
    "Certipy wiki, ESC9; KB5014754; MS-CRTD 2.26", "clear CT_FLAG_NO_SECURITY_EXTENSION in msPKI-Enrollment-Flag"};
inline constexpr Rule kWeaknessEsc13{
    "templates.lint.esc13",
    "No issuance policy of a template that is open to low-privileged groups is linked to a group.",
    "SpecterOps, ADCS ESC13 Abuse Technique (2024); msDS-OIDToGroupLink",
    "remove the group link of the policy's object, or broad groups from the template's permissions"};
inline constexpr Rule kWeaknessEsc15{
    "templates.lint.esc15",
    "On a CA without the update of November 2024, no template of schema version 1 that takes its subject from the "
    "request is open to low-privileged groups.",
    "CVE-2024-49019; Certipy wiki, ESC15", "install the update of November 2024 on the CA, or duplicate the template"};

}  // namespace mimica::audit::rule
