#include "rdb/value_skip.hpp"

#include <fmt/format.h>

namespace cachectl {

namespace {

constexpr std::uint64_t k_time_bytes = 8;
constexpr std::uint64_t k_stream_id_bytes = 16;
constexpr std::uint64_t k_double_bytes = 8;
constexpr std::uint64_t k_float_bytes = 4;

void skip_strings(RdbInput& in, std::uint64_t count) {
    for (; count != 0; --count) {
        skip_rdb_string(in);
    }
}

/// As zset had it before zset_2: a text behind its length in a byte.
void skip_text_double(RdbInput& in) {
    constexpr std::uint8_t k_first_without_text = 253;  // not a number, and the two infinities
    const std::uint8_t length = in.byte();
    if (length < k_first_without_text) {
        in.skip(length);
    }
}

void skip_zset(RdbInput& in, RdbType type) {
    for (std::uint64_t count = read_rdb_length(in); count != 0; --count) {
        skip_rdb_string(in);
        if (type == RdbType::zset) {
            skip_text_double(in);
        } else {
            in.skip(k_double_bytes);
        }
    }
}

void skip_quicklist_2(RdbInput& in) {
    for (std::uint64_t count = read_rdb_length(in); count != 0; --count) {
        read_rdb_length(in);  // whether the node is one element or packed
        skip_rdb_string(in);
    }
}

/// Each field with its expiry: before it, as what is added to the smallest of all, or after it.
void skip_hash_of_expiring_fields(RdbInput& in, RdbType type) {
    if (type == RdbType::hash_metadata) {
        in.skip(k_time_bytes);
    }
    for (std::uint64_t count = read_rdb_length(in); count != 0; --count) {
        if (type == RdbType::hash_metadata) {
            read_rdb_length(in);
        }
        skip_strings(in, 2);
        if (type == RdbType::hash_2) {
            in.skip(k_time_bytes);
        }
    }
}

void skip_lengths(RdbInput& in, int count) {
    for (; count != 0; --count) {
        read_rdb_length(in);
    }
}

void skip_stream_consumer(RdbInput& in, RdbType type) {
    skip_rdb_string(in);
    in.skip(k_time_bytes);  // when it was seen
    if (type == RdbType::stream_listpacks_3) {
        in.skip(k_time_bytes);  // when it was active
    }
    for (std::uint64_t pending = read_rdb_length(in); pending != 0; --pending) {
        in.skip(k_stream_id_bytes);
    }
}

void skip_stream_group(RdbInput& in, RdbType type) {
    skip_rdb_string(in);
    skip_lengths(in, 2);  // the last id
    if (type != RdbType::stream_listpacks) {
        read_rdb_length(in);  // entries read
    }
    for (std::uint64_t pending = read_rdb_length(in); pending != 0; --pending) {
        in.skip(k_stream_id_bytes + k_time_bytes);
        read_rdb_length(in);  // how often it was delivered
    }
    for (std::uint64_t consumers = read_rdb_length(in); consumers != 0; --consumers) {
        skip_stream_consumer(in, type);
    }
}

void skip_stream(RdbInput& in, RdbType type) {
    for (std::uint64_t count = read_rdb_length(in); count != 0; --count) {
        skip_strings(in, 2);  // the first id, and a listpack
    }
    skip_lengths(in, 3);  // entries, and the last id
    if (type != RdbType::stream_listpacks) {
        skip_lengths(in, 5);  // the first id, the highest that was deleted, entries ever added
    }
    for (std::uint64_t groups = read_rdb_length(in); groups != 0; --groups) {
        skip_stream_group(in, type);
    }
}

}  // namespace

void skip_rdb_module_data(RdbInput& in) {
    enum class Part : std::uint64_t { end, signed_integer, unsigned_integer, single, real, text };
    while (true) {
        const std::uint64_t part = read_rdb_length(in);
        switch (static_cast<Part>(part)) {
            case Part::end:
                return;
            case Part::signed_integer:
            case Part::unsigned_integer:
                read_rdb_length(in);
                break;
            case Part::single:
                in.skip(k_float_bytes);
                break;
            case Part::real:
                in.skip(k_double_bytes);
                break;
            case Part::text:
                skip_rdb_string(in);
                break;
            default:
                in.damaged(fmt::format("part {} of a module's data", part));
        }
    }
}

void skip_rdb_value(RdbInput& in, RdbType type) {
    switch (type) {
        case RdbType::string:
        case RdbType::hash_zipmap:
        case RdbType::list_ziplist:
        case RdbType::set_intset:
        case RdbType::zset_ziplist:
        case RdbType::hash_ziplist:
        case RdbType::hash_listpack:
        case RdbType::zset_listpack:
        case RdbType::set_listpack:
            return skip_rdb_string(in);
        case RdbType::hash_listpack_ex:
            in.skip(k_time_bytes);
            return skip_rdb_string(in);
        case RdbType::list:
        case RdbType::set:
        case RdbType::list_quicklist:
            return skip_strings(in, read_rdb_length(in));
        case RdbType::hash:
            for (std::uint64_t count = read_rdb_length(in); count != 0; --count) {
                skip_strings(in, 2);
            }
            return;
        case RdbType::zset:
        case RdbType::zset_2:
            return skip_zset(in, type);
        case RdbType::list_quicklist_2:
            return skip_quicklist_2(in);
        case RdbType::hash_2:
        case RdbType::hash_metadata:
            return skip_hash_of_expiring_fields(in, type);
        case RdbType::stream_listpacks:
        case RdbType::stream_listpacks_2:
        case RdbType::stream_listpacks_3:
            return skip_stream(in, type);
        case RdbType::module_2:
            read_rdb_length(in);  // the module's name and version, packed into 64 bits
            return skip_rdb_module_data(in);
    }
    in.damaged(
        fmt::format("a value of type {}, which is not known here", static_cast<unsigned>(type)));
}

}  // namespace cachectl
