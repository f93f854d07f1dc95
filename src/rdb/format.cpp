#include "rdb/format.hpp"

namespace cachectl {

std::string_view type_name(RdbType type) {
    switch (type) {
        case RdbType::string:
            return "string";
        case RdbType::list:
        case RdbType::list_ziplist:
        case RdbType::list_quicklist:
        case RdbType::list_quicklist_2:
            return "list";
        case RdbType::set:
        case RdbType::set_intset:
        case RdbType::set_listpack:
            return "set";
        case RdbType::zset:
        case RdbType::zset_2:
        case RdbType::zset_ziplist:
        case RdbType::zset_listpack:
            return "zset";
        case RdbType::hash:
        case RdbType::hash_zipmap:
        case RdbType::hash_ziplist:
        case RdbType::hash_listpack:
        case RdbType::hash_2:
        case RdbType::hash_metadata:
        case RdbType::hash_listpack_ex:
            return "hash";
        case RdbType::stream_listpacks:
        case RdbType::stream_listpacks_2:
        case RdbType::stream_listpacks_3:
            return "stream";
        case RdbType::module_2:
            return "module";
    }
    return {};
}

}  // namespace cachectl
