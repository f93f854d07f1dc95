#include "rdb/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rdb/value_skip.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_redis = "REDIS";
constexpr std::string_view k_valkey = "VALKEY";  // since its version 9.0
constexpr std::uint64_t k_magic_bytes = 9;       // with the version's digits

}  // namespace

RdbReader::RdbReader(int fd, std::uint64_t size, std::size_t window_bytes)
    : m_input(fd, size, window_bytes) {
    const std::string begins = m_input.text(std::min(k_magic_bytes, size));
    for (const std::string_view name : {k_redis, k_valkey}) {
        const std::string_view digits =
            begins.starts_with(name) ? std::string_view(begins).substr(name.size()) : "";
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        if (!digits.empty() && begins.size() == k_magic_bytes &&
            std::all_of(digits.begin(), digits.end(), is_digit)) {
            m_version = std::stoi(std::string(digits));
            m_input.begin_digest();
            return;
        }
    }
    throw RdbFault{false, 0,
                   size == 0 ? "it is empty: whoever made it had saved nothing yet"
                             : "it begins otherwise than an RDB file"};
}

RdbItem RdbReader::next() {
    m_key = {};
    while (true) {
        const std::uint8_t byte = m_input.peek();
        const auto opcode = static_cast<RdbOpcode>(byte);
        if (opcode == RdbOpcode::aux) {
            read_aux();
            return RdbItem::aux;
        }
        m_input.skip(1);
        if (opcode == RdbOpcode::end) {
            read_end();
            return RdbItem::end;
        }
        if (!read_of_next_key(opcode) && !skip_other(opcode)) {
            read_key(byte);
            return RdbItem::key;
        }
    }
}

bool RdbReader::read_of_next_key(RdbOpcode opcode) {
    switch (opcode) {
        case RdbOpcode::expire_ms:
            m_key.expires_at =
                std::chrono::milliseconds(static_cast<std::int64_t>(m_input.number(8)));
            return true;
        case RdbOpcode::expire_s:
            m_key.expires_at = std::chrono::seconds(static_cast<std::int32_t>(m_input.number(4)));
            return true;
        case RdbOpcode::idle:
            m_key.idle = std::chrono::seconds(read_rdb_length(m_input));
            return true;
        case RdbOpcode::frequency:
            m_key.frequency = m_input.byte();
            return true;
        case RdbOpcode::select_db:
            m_database = read_rdb_length(m_input);
            return true;
        default:
            return false;
    }
}

bool RdbReader::skip_other(RdbOpcode opcode) {
    switch (opcode) {
        case RdbOpcode::slot_info:
            read_rdb_length(m_input);
            [[fallthrough]];
        case RdbOpcode::resize_db:
            read_rdb_length(m_input);
            read_rdb_length(m_input);
            return true;
        case RdbOpcode::function:
            skip_rdb_string(m_input);
            return true;
        case RdbOpcode::module_aux:
            read_rdb_length(m_input);  // the module
            read_rdb_length(m_input);  // a number's opcode
            read_rdb_length(m_input);  // and the number: when it wants it
            skip_rdb_module_data(m_input);
            return true;
        default:
            return false;
    }
}

void RdbReader::read_aux() {
    m_aux.digest_before = m_input.digest();
    m_input.skip(1);
    m_aux.name = read_rdb_string(m_input);
    m_aux.value = read_rdb_string(m_input);
}

void RdbReader::read_key(std::uint8_t type) {
    m_key.type = static_cast<RdbType>(type);
    if (type_name(m_key.type).empty()) {
        m_input.damaged(fmt::format("a value of type {}, which is not known here", type));
    }
    m_key.database = m_database;
    m_key.name = read_rdb_string(m_input);
    m_key.value_offset = m_input.offset();
    skip_rdb_value(m_input, m_key.type);
    m_key.value_bytes = m_input.offset() - m_key.value_offset;
}

void RdbReader::read_end() {
    const std::uint64_t sum = m_input.crc();
    const std::uint64_t said = m_input.number(8);
    m_sum = said == 0 ? Sum::none : said == sum ? Sum::right : Sum::wrong;
}

}  // namespace cachectl
