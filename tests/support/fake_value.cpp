#include "support/fake_value.hpp"

namespace cachectl::test {

Reply strings(const std::vector<std::string>& texts) {
    std::vector<Reply> elements;
    for (const std::string& text : texts) {
        elements.push_back(Reply::make_string(text));
    }
    return Reply::make_array(std::move(elements));
}

FakeClient cache_with(const std::string& type, const std::string& encoding, FakeKey key) {
    FakeClient client;
    key.type = type;
    client.keys["k"] = key;
    client.on("OBJECT", [encoding](const FakeClient::Args& args) {
        return args[1] == "ENCODING" ? Reply::make_string(encoding) : Reply::make_integer(7);
    });
    return client;
}

}  // namespace cachectl::test
