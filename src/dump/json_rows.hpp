// Records that stand somewhere within one JSON text, as in {"data":[…]}. What stands around them is
// gone through piece by piece, so that it takes no memory, however long it is.
#pragma once

#include <string>
#include <vector>

#include "dump/json_reader.hpp"

namespace cachectl {

class JsonRowsReader final : public JsonArrayReader {
public:
    /// `pointer` as parse_json_pointer() takes it. Goes to the array. Throws Error(usage) for what
    /// is no pointer, Error(bad_input) if there is no array.
    JsonRowsReader(Source& source, const ReaderOptions& options);

protected:
    void check_end(std::size_t at) override;

private:
    struct Entered {
        char opener;
        std::string name;  // of the member or element that leads to the array
    };

    char first_of_value();
    void expect(char wanted);
    void enter(const std::string& name);
    void find_member(const std::string& name);
    void find_element(const std::string& name);
    std::string take_name();
    void skip_value();
    void skip_rest(const Entered& entered);
    [[noreturn]] void not_there(const std::string& what, std::string hint = {}) const;

    std::string m_pointer;
    std::vector<Entered> m_entered;  // what the array stands in
    JsonExtent m_skipped;
};

}  // namespace cachectl
