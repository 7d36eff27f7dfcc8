// JSON as people read and diff it: two blanks of indentation, members in their given order, a final newline.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace mimica {

std::string pretty_json(const boost::json::value& value);

}  // namespace mimica
