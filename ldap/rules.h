// The checks of the directory as documented constants.
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::ldap::rule {

// ---- who asks ------------------------------------------------------------------------------------------------------
inline constexpr Rule kBindRequired{
    "ldap.bind.required", "Whoever reads more than the rootDSE and the schema, or writes, has bound to an account.",
    "MS-ADTS 5.1.1; MS-ADTS 6.1.1.2.4.1.2 (fLDAPBlockAnonOps)", "bind with a name and a password first"};
inline constexpr Rule kBindCredentials{
    "ldap.bind.credentials", "The name belongs to an account and the password is that account's.",
    "RFC 4511 4.2; MS-ADTS 5.1.1.1.1", "bind with DN, user principal name or DOMAIN\\user and the account's password"};
inline constexpr Rule kBindAccountState{
    "ldap.bind.account_state",
    "The account is enabled, has not expired and need not change its password before it is used.", "MS-ADTS 5.1.1.1.1",
    "enable the account, move its expiry (accountExpires) or set its password anew"};

// ---- what a name means ---------------------------------------------------------------------------------------------
inline constexpr Rule kNameSyntax{"ldap.name.syntax", "The name of the entry is a distinguished name.",
                                  "RFC 4514; RFC 4511 4.1.3", "escape commas, plus signs and quotes with a backslash"};
inline constexpr Rule kNameSingle{"ldap.name.single",
                                  "An entry is named by one attribute, not by several joined by '+'.",
                                  "MS-ADTS 3.1.1.3.1.2.1", "name the entry by the naming attribute of its class alone"};
inline constexpr Rule kNameContext{
    "ldap.name.naming_context", "The name lies within the naming contexts of the server.", "MS-ADTS 3.1.1.4.6",
    "end the name with the DN of the domain, as the rootDSE's defaultNamingContext spells it"};
inline constexpr Rule kNameExists{"ldap.name.exists", "There is an entry of this name.", "RFC 4511 4.1.9",
                                  "search for the entry; the answer says how far the name is right"};

// ---- reading -------------------------------------------------------------------------------------------------------
inline constexpr Rule kSearchTokenGroups{"ldap.search.token_groups",
                                         "The token groups of an account are read by a search of the account itself.",
                                         "MS-ADTS 3.1.1.4.5.19", "search the account with scope base"};
inline constexpr Rule kSearchConstructed{"ldap.search.constructed",
                                         "A filter names no attribute that is computed when it is read.",
                                         "MS-ADTS 3.1.1.4.5", "read the attribute with a base search instead"};
inline constexpr Rule kCompareAttribute{"ldap.compare.attribute", "The entry has the attribute that is compared.",
                                        "RFC 4511 4.10", "read the entry to see which attributes it has"};
inline constexpr Rule kCompareValue{"ldap.compare.value", "The compared value follows the syntax of the attribute.",
                                    "RFC 4511 4.10", "write the value as the attribute's syntax asks"};

// ---- adding --------------------------------------------------------------------------------------------------------
inline constexpr Rule kAddParent{"ldap.add.parent", "The entry above the new one exists.",
                                 "RFC 4511 4.7; MS-ADTS 3.1.1.5.2.2", "add the entry above it first"};
inline constexpr Rule kAddExists{"ldap.add.exists", "No entry has the new entry's name yet.", "RFC 4511 4.7",
                                 "choose another name, or modify the entry that is there"};
inline constexpr Rule kAddObjectClass{
    "ldap.add.object_class", "The classes are known and are one structural class with its superclasses.",
    "MS-ADTS 3.1.1.5.2.2; RFC 4512 2.4", "name one structural class, such as user, group or pKICertificateTemplate"};
inline constexpr Rule kAddAccess{"ldap.add.access", "The caller may create objects of the class below the parent.",
                                 "MS-ADTS 3.1.1.5.2.1", "allow Create Child to the caller on the entry above"};
inline constexpr Rule kAddSuperior{"ldap.add.superior", "Objects of the class may stand below the parent's class.",
                                   "MS-ADTS 3.1.1.5.2.2; MS-ADTS 3.1.1.2.4.6 (possSuperiors)",
                                   "put the entry into a container or organizational unit"};
inline constexpr Rule kAddNaming{"ldap.add.naming", "The name uses the naming attribute of the class and its value.",
                                 "MS-ADTS 3.1.1.5.2.2 (rDNAttID)",
                                 "name the entry by the naming attribute of its class, and give it no other value"};

// ---- writing -------------------------------------------------------------------------------------------------------
inline constexpr Rule kWriteAccess{"ldap.write.access", "The caller may write the attribute of the entry.",
                                   "MS-ADTS 3.1.1.5.3.1; MS-ADTS 5.1.3",
                                   "allow Write Property for the attribute, or WRITE_DAC for permissions"};
inline constexpr Rule kWriteSchemaAttribute{"ldap.write.schema_attribute", "The schema knows the attribute.",
                                            "RFC 4512 2.5; MS-ADTS 3.1.1.2.3",
                                            "spell the attribute as the schema does (lDAPDisplayName)"};
inline constexpr Rule kWriteSchemaFixed{"ldap.write.schema_fixed", "The change leaves the schema as it is.",
                                        "docs/divergences.md", "the schema of this directory is built in",
                                        Provenance::inferred};
inline constexpr Rule kWriteAllowed{"ldap.write.allowed_attribute", "A class of the entry may hold the attribute.",
                                    "RFC 4512 2.4; MS-ADTS 3.1.1.5.3.2",
                                    "use an attribute of the class, or add an auxiliary class that has it"};
inline constexpr Rule kWriteRequired{"ldap.write.required_attribute",
                                     "The entry holds every attribute that its classes demand.",
                                     "RFC 4512 2.4; MS-ADTS 3.1.1.5.2.2", "give the missing attribute a value"};
inline constexpr Rule kWriteObjectClass{
    "ldap.write.object_class", "A change of the classes keeps the structural class and names auxiliary ones only.",
    "MS-ADTS 3.1.1.5.3.5", "add or remove auxiliary classes; for another structural class make a new entry"};
inline constexpr Rule kWriteSingleValued{
    "ldap.write.single_valued", "A single-valued attribute holds at most one value.",
    "RFC 4512 2.5.1; MS-ADTS 3.1.1.2.3 (isSingleValued)", "replace the value instead of adding another one"};
inline constexpr Rule kWriteSyntax{"ldap.write.syntax", "Every value follows the syntax of its attribute.",
                                   "MS-ADTS 3.1.1.2.2.2; RFC 4511 4.6", "write the value as the syntax asks"};
inline constexpr Rule kWriteReference{"ldap.write.reference", "A link names an entry that exists.", "MS-ADTS 3.1.1.1.6",
                                      "add the entry that the link names first"};
inline constexpr Rule kWriteDuplicate{"ldap.write.duplicate", "A value that is added is not there yet.", "RFC 4511 4.6",
                                      "leave it out, or ask for permissive modify"};
inline constexpr Rule kWriteNoSuchValue{"ldap.write.missing_value", "A value that is taken away is there.",
                                        "RFC 4511 4.6", "leave it out, or ask for permissive modify"};
inline constexpr Rule kWriteSystemOnly{
    "ldap.write.system_only", "The attribute is not one that the directory alone writes or computes.",
    "MS-ADTS 3.1.1.5.3.2 (systemOnly); MS-ADTS 3.1.1.8", "leave the attribute out: the directory sets it"};
inline constexpr Rule kWriteRdn{"ldap.write.rdn", "The attribute does not name the entry.",
                                "RFC 4511 4.6; MS-ADTS 3.1.1.5.3.2", "rename the entry instead (modify DN)"};
inline constexpr Rule kWriteUnique{
    "ldap.write.unique",
    "objectGUID, objectSid, sAMAccountName, userPrincipalName and servicePrincipalName belong to one entry.",
    "MS-ADTS 3.1.1.5.1.3; MS-SAMR 3.1.1.8", "choose a value that no other entry has"};
inline constexpr Rule kPasswordForm{"ldap.write.password_form",
                                    "unicodePwd is the password in double quotes, in UTF-16 with the low octet first.",
                                    "MS-ADTS 3.1.1.3.1.5.1", "put the password into quotes and encode it as UTF-16LE"};
inline constexpr Rule kPasswordOld{"ldap.write.password_old", "Who changes the own password gives the old one.",
                                   "MS-ADTS 3.1.1.3.1.5.1", "delete the present password and add the new one"};
inline constexpr Rule kPasswordAccess{
    "ldap.write.password_access", "Who sets the password of an account holds the right to reset it.",
    "MS-ADTS 3.1.1.3.1.5.1; MS-ADTS 5.1.3.2.1", "allow Reset Password (User-Force-Change-Password) to the caller"};

// ---- renaming and moving -------------------------------------------------------------------------------------------
inline constexpr Rule kRenameForm{"ldap.rename.form", "The new name is a single one and replaces the old one.",
                                  "MS-ADTS 3.1.1.5.4.1", "give one new RDN and let the old one be deleted"};
inline constexpr Rule kRenameSystem{"ldap.rename.system", "The entry does not belong to the system.",
                                    "MS-ADTS 3.1.1.5.4.1; MS-ADTS 6.1.1",
                                    "leave heads of naming contexts and critical "
                                    "objects where they are"};
inline constexpr Rule kRenameNaming{"ldap.rename.naming", "The new name uses the naming attribute of the class.",
                                    "MS-ADTS 3.1.1.5.4.1 (rDNAttID)",
                                    "name the entry by the attribute that names it now"};
inline constexpr Rule kRenameContext{"ldap.rename.naming_context", "The entry stays within its naming context.",
                                     "MS-ADTS 3.1.1.5.4.2", "add the entry anew where it is to stand"};
inline constexpr Rule kRenameCircle{"ldap.rename.circle", "The entry does not move below itself.",
                                    "MS-ADTS 3.1.1.5.4.1", "choose a place outside the entry"};
inline constexpr Rule kRenameAccess{"ldap.rename.access", "The caller may delete the entry from its old place.",
                                    "MS-ADTS 3.1.1.5.4.1", "allow Delete on the entry to the caller"};
inline constexpr Rule kRenameExists{"ldap.rename.exists", "No other entry has the new name.", "RFC 4511 4.9",
                                    "choose another name"};

// ---- deleting ------------------------------------------------------------------------------------------------------
inline constexpr Rule kDeleteSystem{"ldap.delete.system", "Neither the entry nor one below it belongs to the system.",
                                    "MS-ADTS 3.1.1.5.5.3 (isCriticalSystemObject)", "leave the entry where it is"};
inline constexpr Rule kDeleteAccess{"ldap.delete.access", "The caller may delete the entry.", "MS-ADTS 3.1.1.5.5.4",
                                    "allow Delete on it, Delete Child on its parent, or Delete Tree for a subtree"};
inline constexpr Rule kDeleteChildren{"ldap.delete.children", "The entry has no entries below it.",
                                      "RFC 4511 4.8; MS-ADTS 3.1.1.5.5.3",
                                      "delete the entries below it first, or send the tree delete control"};

}  // namespace mimica::ldap::rule

namespace mimica::ldap {

// Every rule of the folder, in the order above.
std::span<const Rule* const> rules();

}  // namespace mimica::ldap
