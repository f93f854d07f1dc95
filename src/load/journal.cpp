#include "load/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "util/error.hpp"

namespace cachectl {

namespace {

using Json = nlohmann::json;

constexpr int k_version = 1;
constexpr mode_t k_owner_only = 0600;

[[noreturn]] void fail(const std::string& attempted, const std::string& path) {
    throw Error(ExitCode::local_io,
                fmt::format("cannot {} the journal {}: {}", attempted, path, std::strerror(errno)));
}

Json to_json(const JournalEntry& entry) {
    Json keys = Json::array();
    for (const auto& [begin, end] : entry.keys.ranges()) keys.push_back({begin, end});
    Json inputs = Json::array();
    for (const JournalEntry::Input& input : entry.inputs) {
        inputs.push_back({{"file", input.file},
                          {"size", input.size ? Json(*input.size) : Json()},
                          {"offset", input.offset},
                          {"crc32", input.digest}});
    }
    return {
        {"cachectl_journal", k_version}, {"run", entry.identity},    {"target", entry.target},
        {"run_id", entry.run_id},        {"inputs", inputs},         {"keys", keys},
        {"records", entry.records},      {"written", entry.written}, {"skipped", entry.skipped}};
}

JournalEntry from_json(const Json& json) {
    if (json.at("cachectl_journal") != k_version) throw std::invalid_argument("version");
    JournalEntry entry;
    entry.identity = json.at("run").get<std::string>();
    entry.target = json.at("target").get<std::string>();
    entry.run_id = json.at("run_id").get<std::string>();
    for (const Json& range : json.at("keys")) {
        entry.keys.add(range.at(0).get<std::uint64_t>(), range.at(1).get<std::uint64_t>());
    }
    for (const Json& input : json.at("inputs")) {
        const Json& size = input.at("size");
        entry.inputs.push_back(
            {input.at("file").get<std::string>(),
             size.is_null() ? std::nullopt : std::optional(size.get<std::uint64_t>()),
             input.at("offset").get<std::uint64_t>(), input.at("crc32").get<std::uint32_t>()});
    }
    entry.records = json.at("records").get<std::uint64_t>();
    entry.written = json.at("written").get<std::uint64_t>();
    entry.skipped = json.at("skipped").get<std::uint64_t>();
    return entry;
}

/// A lock of a file that was removed after it was opened holds nobody off.
bool is_still_there(int fd, const std::string& path) {
    struct stat held {};
    struct stat named {};
    return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}  // namespace

Journal::Journal(std::string path) : m_path(std::move(path)), m_lock_path(m_path + ".lock") {
    const auto folder = std::filesystem::path(m_path).parent_path();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    while (true) {
        m_lock =
            ::open(m_lock_path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, k_owner_only);
        if (m_lock < 0) fail("make", m_path);
        if (::flock(m_lock, LOCK_EX | LOCK_NB) != 0) {
            ::close(m_lock);
            throw Error(ExitCode::guard,
                        "another run of this command is at work, with the journal " + m_path,
                        "wait for its end");
        }
        if (is_still_there(m_lock, m_lock_path)) return;
        ::close(m_lock);
    }
}

Journal::~Journal() {
    ::unlink(m_lock_path.c_str());
    ::close(m_lock);
}

std::optional<JournalEntry> Journal::read() const {
    std::error_code error;
    const auto type = std::filesystem::status(m_path, error).type();
    if (type == std::filesystem::file_type::not_found) return std::nullopt;
    std::ifstream file(m_path, std::ios::binary);
    if (!file) fail("read", m_path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    try {
        return from_json(Json::parse(text));
    } catch (const std::exception&) {
        throw Error(ExitCode::usage, m_path + " is no journal of an interrupted warm-up",
                    "remove it, or name another file with --journal");
    }
}

// It is not synced: it is there for a process that was killed, and a machine that failed has more
// to worry about.
void Journal::write(const JournalEntry& entry) const {
    const std::string text =
        to_json(entry).dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    const std::string aside = m_path + ".new";
    ::unlink(aside.c_str());
    const int fd =
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_owner_only);
    if (fd < 0) fail("write", m_path);
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool closed = ::close(fd) == 0;
    if (written && closed && std::rename(aside.c_str(), m_path.c_str()) == 0) return;
    const int why = errno;
    ::unlink(aside.c_str());
    errno = why;
    fail("write", m_path);
}

void Journal::remove() const { ::unlink(m_path.c_str()); }

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
std::string run_hash(std::string_view identity) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : identity) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    }
    return fmt::format("{:016x}", hash);
}

std::string journal_path(const std::string& state_folder, const std::string& hash) {
    return state_folder + "/warm-" + hash + ".json";
}

}  // namespace cachectl
