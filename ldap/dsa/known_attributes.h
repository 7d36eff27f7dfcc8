// The attributes that the rules of the directory name.
#pragma once

#include "ldap/schema/schema.h"

namespace mimica::ldap {

struct KnownAttributes {
  const AttributeType &object_class, &object_category, &object_guid, &object_sid, &sam_account_name, &sam_account_type,
      &user_principal_name, &service_principal_name, &user_account_control, &primary_group_id, &group_type, &member,
      &member_of, &name, &cn, &instance_type, &when_created, &when_changed, &usn_created, &usn_changed, &descriptor,
      &distinguished_name, &hidden, &critical, &system_flags, &unicode_password, &user_password, &password_last_set,
      &account_expires;
};
const KnownAttributes& known();

}  // namespace mimica::ldap
