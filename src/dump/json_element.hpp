// One JSON text, wholly in memory, becomes a Record. simdjson finds the tokens and checks UTF-8 and
// control characters; its on-demand reader leaves the rest unchecked, so that is checked here.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "dump/record.hpp"
#include "dump/row_result.hpp"

namespace cachectl {

class JsonElementParser {
public:
    /// Objects and arrays within each other, the record itself included.
    static constexpr std::size_t k_max_depth = 1024;

    JsonElementParser();
    ~JsonElementParser();

    /// Fills `record` with the members of the object that `text` is; Source::k_padding readable
    /// bytes must follow it. What makes a bad row: any breach of RFC 8259, a value that is no
    /// object, a lone surrogate, deeper than k_max_depth, or two members of one name (which one is
    /// meant? objects within a value are passed on as they are, unasked).
    RowResult<> parse_object(std::string_view text, std::uint64_t line, Record& record);
    /// The same for an array; the values have no names.
    RowResult<> parse_array(std::string_view text, std::uint64_t line, Record& record);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace cachectl
