#include "config/same_server.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

namespace cachectl {

namespace {

std::string plain_host(std::string_view host) {
    std::string plain(host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0)));
    std::transform(plain.begin(), plain.end(), plain.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return plain == "127.0.0.1" || plain == "::1" ? "localhost" : plain;
}

bool is_same_path(const std::string& a, const std::string& b) {
    namespace fs = std::filesystem;
    return fs::absolute(a).lexically_normal() == fs::absolute(b).lexically_normal();
}

bool is_same_node(const HostPort& a, const HostPort& b) {
    return a.port == b.port && is_same_host(a.host, b.host);
}

bool have_a_node_in_common(const std::vector<HostPort>& a, const std::vector<HostPort>& b) {
    return std::find_first_of(a.begin(), a.end(), b.begin(), b.end(), is_same_node) != a.end();
}

}  // namespace

bool is_same_host(std::string_view a, std::string_view b) { return plain_host(a) == plain_host(b); }

bool is_same_server(const ServerAddress& a, const ServerAddress& b) {
    if (a.socket_path.empty() != b.socket_path.empty() ||
        a.is_found_by_sentinels() != b.is_found_by_sentinels()) {
        return false;
    }
    if (!a.socket_path.empty()) {
        return is_same_path(a.socket_path, b.socket_path);
    }
    if (a.is_found_by_sentinels()) {
        return a.sentinels.master_name == b.sentinels.master_name &&
               have_a_node_in_common(a.sentinels.nodes, b.sentinels.nodes);
    }
    return is_same_node({a.host, a.port}, {b.host, b.port});
}

}  // namespace cachectl
