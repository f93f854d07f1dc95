// nlohmann::json for tests: compiled once, in json.cpp, and printed by a failed assertion.
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;

template <>
struct doctest::StringMaker<nlohmann::json> {
    static doctest::String convert(const nlohmann::json& json);
};
