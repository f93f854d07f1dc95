#include "support/resume_stage.hpp"

#include <fmt/format.h>

#include <sstream>

namespace cachectl::test {

using namespace std::literals;

std::string resume_row(int id) {
    return fmt::format("{{\"id\":{},\"v\":\"{}\"}}\n", id, std::string(80, 'x'));
}

std::string resume_rows(int begin, int end) {
    std::string text;
    for (int i = begin; i < end; ++i) {
        text += resume_row(i);
    }
    return text;
}

ResumeStage::Words ResumeStage::words(Words more, const std::string& input) const {
    Words all = {"warm",      input,    "--key", "k:{id}",
                 "--ttl",     "1h",     "-s",    server.socket_path(),
                 "--journal", journal()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::int64_t ResumeStage::sets() const {
    RespClient client = server.client();
    const std::string stats = client.text({"INFO", "commandstats"});
    const auto at = stats.find("cmdstat_set:calls=");
    return at == std::string::npos ? 0 : std::stoll(stats.substr(at + 18));
}

void wait_for_keys(Process& process, const ResumeStage& stage, std::int64_t keys) {
    RespClient client = stage.server.client();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (client.integer({"DBSIZE"}) < keys) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        process.pump(1ms);
    }
}

void wait_until_idle(Process& process, const ResumeStage& stage) {
    RespClient client = stage.server.client();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    const auto contains = [](const std::string& text, const char* part) {
        return text.find(part) != std::string::npos;
    };
    const auto is_busy = [&] {
        std::istringstream clients(client.text({"CLIENT", "LIST"}));
        for (std::string line; std::getline(clients, line);) {
            const bool ours = contains(line, "cmd=client");
            if (!ours && (contains(line, " idle=0 ") || contains(line, " idle=1 "))) {
                return true;
            }
        }
        return false;
    };
    while (is_busy() && std::chrono::steady_clock::now() < deadline) {
        process.pump(50ms);
    }
    REQUIRE_FALSE(is_busy());
}

nlohmann::json resume_summary(const ProcessResult& result) {
    CAPTURE(result.err);
    REQUIRE(!result.out.empty());
    return nlohmann::json::parse(result.out);
}

}  // namespace cachectl::test
