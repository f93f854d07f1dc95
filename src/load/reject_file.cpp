#include "load/reject_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "util/error.hpp"

namespace cachectl {

RejectFile::RejectFile(std::string path) : m_path(std::move(path)) {
    constexpr mode_t k_owner_only = 0600;
    m_fd =
        ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_owner_only);
    if (m_fd < 0) {
        const bool exists = errno == EEXIST;
        throw Error(
            ExitCode::local_io,
            "cannot make " + m_path + ": " + std::strerror(errno) + "; nothing was written",
            exists ? "--reject-file never overwrites: name another file, or remove this one" : "");
    }
    m_writer.emplace(m_fd);
    m_json.emplace(*m_writer, JsonLayout::compact);
}

RejectFile::~RejectFile() {
    m_writer.reset();
    ::close(m_fd);
    if (m_empty) ::unlink(m_path.c_str());
}

void RejectFile::add(std::string_view file, std::uint64_t line, std::string_view reason) {
    m_empty = false;
    try {
        m_json->begin_object();
        m_json->field("file", file);
        m_json->field("line", line);
        m_json->field("reason", reason);
        m_json->end_object();
    } catch (const Error& error) {
        fail(error.what());
    }
}

void RejectFile::flush() {
    try {
        m_writer->flush();
    } catch (const Error& error) {
        fail(error.what());
    }
}

void RejectFile::fail(const std::string& why) const {
    throw Error(ExitCode::local_io, "cannot write to " + m_path + ": " + why);
}

}  // namespace cachectl
