#include "dump/decompress.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <climits>

#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_gzip_magic = "\x1f\x8b\x08";  // with deflate, the only method
constexpr std::string_view k_zstd_magic = "\x28\xb5\x2f\xfd";

[[noreturn]] void fail(const std::string& file, std::string_view format, std::string_view why) {
    throw Error(ExitCode::bad_input,
                fmt::format("cannot read {}: its {} data is damaged: {}", file, format, why));
}

/// RFC 1952.
class Gzip final : public Decompressor {
public:
    Gzip() {
        constexpr int k_gzip_alone = 15 + 16;
        if (inflateInit2(&m_stream, k_gzip_alone) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;
    ~Gzip() override { inflateEnd(&m_stream); }

    [[nodiscard]] std::string_view name() const override { return "gzip"; }
    [[nodiscard]] bool complete() const override { return m_between; }

    Step step(std::string_view in, char* out, std::size_t room, const std::string& file) override {
        if (m_between) {
            // Behind a member stands another one, or zeros that fill up a tape's block.
            const std::size_t zeros =
                m_members == 0 ? 0 : std::min(in.find_first_not_of('\0'), in.size());
            if (zeros != 0 || in.empty()) {
                return {zeros, 0};
            }
            inflateReset(&m_stream);
            m_between = false;
            ++m_members;
        }
        m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        m_stream.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), INT_MAX));
        m_stream.next_out = reinterpret_cast<Bytef*>(out);
        m_stream.avail_out = static_cast<uInt>(std::min<std::size_t>(room, INT_MAX));
        const int result = inflate(&m_stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            fail(file, name(), m_stream.msg != nullptr ? m_stream.msg : "unknown error");
        }
        m_between = result == Z_STREAM_END;
        return {
            static_cast<std::size_t>(reinterpret_cast<const char*>(m_stream.next_in) - in.data()),
            static_cast<std::size_t>(reinterpret_cast<char*>(m_stream.next_out) - out)};
    }

private:
    z_stream m_stream{};
    bool m_between = true;  // of two members
    std::size_t m_members = 0;
};

/// RFC 8878.
class Zstd final : public Decompressor {
public:
    Zstd() : m_stream(ZSTD_createDStream()) {
        if (m_stream == nullptr) {
            throw std::bad_alloc();
        }
    }

    [[nodiscard]] std::string_view name() const override { return "zstd"; }
    [[nodiscard]] bool complete() const override { return m_between; }

    Step step(std::string_view in, char* out, std::size_t room, const std::string& file) override {
        ZSTD_inBuffer input{in.data(), in.size(), 0};
        ZSTD_outBuffer output{out, room, 0};
        const std::size_t left = ZSTD_decompressStream(m_stream.get(), &output, &input);
        if (ZSTD_isError(left) != 0) {
            fail(file, name(), ZSTD_getErrorName(left));
        }
        // Without input and output it asks for the next frame's header.
        if (input.pos != 0 || output.pos != 0) {
            m_between = left == 0;
        }
        return {input.pos, output.pos};
    }

private:
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, Free> m_stream;
    bool m_between = true;  // of two frames
};

}  // namespace

Packing recognise_packing(std::string_view text) noexcept {
    const auto begins = [text](std::string_view magic) {
        return text.substr(0, magic.size()) == magic.substr(0, text.size());
    };
    const bool gzip = begins(k_gzip_magic);
    const bool zstd = begins(k_zstd_magic);
    if (gzip && text.size() >= k_gzip_magic.size()) {
        return Packing::gzip;
    }
    if (zstd && text.size() >= k_zstd_magic.size()) {
        return Packing::zstd;
    }
    return gzip || zstd ? Packing::undecided : Packing::none;
}

std::unique_ptr<Decompressor> make_decompressor(Packing packing) {
    switch (packing) {
        case Packing::gzip:
            return std::make_unique<Gzip>();
        case Packing::zstd:
            return std::make_unique<Zstd>();
        case Packing::none:
        case Packing::undecided:
            break;
    }
    return nullptr;
}

}  // namespace cachectl
