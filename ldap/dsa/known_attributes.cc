#include "ldap/dsa/known_attributes.h"

namespace mimica::ldap {

const KnownAttributes& known() {
  const auto get = [](std::string_view name) -> const AttributeType& {
    return *Schema::active_directory().attribute(name);
  };
  static const KnownAttributes attributes{
      .object_class = get("objectClass"),
      .object_category = get("objectCategory"),
      .object_guid = get("objectGUID"),
      .object_sid = get("objectSid"),
      .sam_account_name = get("sAMAccountName"),
      .sam_account_type = get("sAMAccountType"),
      .user_principal_name = get("userPrincipalName"),
      .service_principal_name = get("servicePrincipalName"),
      .user_account_control = get("userAccountControl"),
      .primary_group_id = get("primaryGroupID"),
      .group_type = get("groupType"),
      .member = get("member"),
      .member_of = get("memberOf"),
      .name = get("name"),
      .cn = get("cn"),
      .instance_type = get("instanceType"),
      .when_created = get("whenCreated"),
      .when_changed = get("whenChanged"),
      .usn_created = get("uSNCreated"),
      .usn_changed = get("uSNChanged"),
      .descriptor = get("nTSecurityDescriptor"),
      .distinguished_name = get("distinguishedName"),
      .hidden = get("showInAdvancedViewOnly"),
      .critical = get("isCriticalSystemObject"),
      .system_flags = get("systemFlags"),
      .unicode_password = get("unicodePwd"),
      .user_password = get("userPassword"),
      .password_last_set = get("pwdLastSet"),
      .account_expires = get("accountExpires"),
  };
  return attributes;
}

}  // namespace mimica::ldap
