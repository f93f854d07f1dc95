// The numbers of an RDB file, as Redis 7.0 to 8.0 (src/rdb.h) and Valkey 8.0 to 9.0 write them.
#pragma once

#include <cstdint>
#include <string_view>

namespace cachectl {

/// What stands where a key's type could stand, and is none.
enum class RdbOpcode : std::uint8_t {
    slot_info = 244,  // three lengths: slot, keys, keys that expire
    function = 245,   // a string: a library's code
    module_aux = 247,
    idle = 248,       // a length: seconds, of the next key
    frequency = 249,  // a byte: the logarithmic counter of LFU, of the next key
    aux = 250,        // two strings: name and value
    resize_db = 251,  // two lengths
    expire_ms = 252,  // 8 bytes, little endian: Unix time in ms, of the next key
    expire_s = 253,   // 4 bytes, little endian: Unix time in s
    select_db = 254,  // a length
    end = 255,        // then the CRC64 of all before it, little endian; 0: none
};

/// How a value is stored. The names are those of rdb.h.
enum class RdbType : std::uint8_t {
    string = 0,
    list = 1,
    set = 2,
    zset = 3,
    hash = 4,
    zset_2 = 5,
    module_2 = 7,
    hash_zipmap = 9,
    list_ziplist = 10,
    set_intset = 11,
    zset_ziplist = 12,
    hash_ziplist = 13,
    list_quicklist = 14,
    stream_listpacks = 15,
    hash_listpack = 16,
    zset_listpack = 17,
    list_quicklist_2 = 18,
    stream_listpacks_2 = 19,
    set_listpack = 20,
    stream_listpacks_3 = 21,
    hash_2 = 22,  // Valkey 9.0: fields with their expiry
    hash_metadata = 24,
    hash_listpack_ex = 25,
};

/// As TYPE names it ("string", "zset"), or "module"; empty for a number that is none of RdbType.
std::string_view type_name(RdbType type);

/// How a length that is no length begins: the string is a number, or compressed with LZF.
enum class RdbEncoding : std::uint8_t { int8 = 0, int16 = 1, int32 = 2, lzf = 3 };

/// The first version in which all of what cachectl itself writes can be read.
constexpr int k_rdb_version_of_plain_types = 9;

}  // namespace cachectl
