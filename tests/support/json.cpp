#include "support/json.hpp"

template class nlohmann::basic_json<>;

doctest::String doctest::StringMaker<nlohmann::json>::convert(const nlohmann::json& json) {
    constexpr auto replace = nlohmann::json::error_handler_t::replace;
    return json.dump(-1, ' ', false, replace).c_str();
}
