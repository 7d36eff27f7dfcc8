// Matrices and repetitions: "${name}" in a document stands for a value, and a document with a matrix stands for as many
// documents as the matrix has cells.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/schema/yaml_tree.h"

namespace mimica::harness {

// What expansion may still produce, so that a small file cannot stand for an enormous one: nodes, and 16 octets of text
// each counting as one.
struct Budget {
  std::size_t left = 1'000'000;
  bool take(std::size_t count) {
    if (count > left) return left = 0, false;
    left -= count;
    return true;
  }
};

struct Cell {
  std::vector<std::pair<std::string, const YamlNode*>> values;  // name and value (scalar or mapping)
};

// All combinations of the lists of a `matrix` or `for_each` mapping, the last name running fastest. Faults: an empty
// list, a value that is a list, a name that is no word, more than `most` combinations.
Result<std::vector<Cell>> cells(const YamlNode& lists, const std::string& source, std::size_t most);

// "jane", or for a mapping its first value: how a cell is named in titles.
std::string label(const YamlNode& value);

// Replaces "${name}" and "${name.key}" in all scalars and keys. A scalar that is nothing but one placeholder takes over
// the value as it is, a mapping included. Names of `later` may stay, because a repetition further in defines them;
// "$${" writes a literal "${".
Result<YamlNode> substitute(const YamlNode& node, const Cell& cell, const std::string& source, Budget& budget,
                            const std::vector<std::string>& later = {});

// Replaces each `repeat` step of a list of steps, nested ones included, by the steps it stands for. `most` bounds their
// number.
Result<std::vector<YamlNode>> flatten_steps(const std::vector<YamlNode>& steps, const std::string& source,
                                            std::size_t most, Budget& budget);

}  // namespace mimica::harness
