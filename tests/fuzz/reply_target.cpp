// The protocol itself: whatever a peer sends becomes the same replies in one piece and in many, and
// never more of them than there are bytes.
#include "redis/reply_reader.hpp"

#include <algorithm>
#include <string>

#include "fuzz/feeding.hpp"
#include "fuzz/target.hpp"

namespace cachectl {

namespace {

constexpr int k_deepest = 16;  // hiredis has a limit of its own, which differs between versions

struct ReadReplies {
    std::string replies;
    std::size_t elements = 0;
    bool any = false;
    std::string error;
};

void note(const Reply& reply, int depth, ReadReplies& read) {
    expect(depth <= k_deepest, "replies are not nested without bounds");
    ++read.elements;
    read.replies.append(std::to_string(static_cast<int>(reply.type))).append(" ");
    read.replies.append(std::to_string(reply.integer)).append(" ");
    read.replies.append(reply.text).append("[");
    for (const Reply& element : reply.elements) {
        note(element, depth + 1, read);
    }
    read.replies += "]\n";
}

ReadReplies read_in_pieces(std::string_view input, std::size_t piece_bytes) {
    ReplyReader reader;
    ReadReplies read;
    while (!input.empty()) {
        const std::string_view piece = input.substr(0, piece_bytes);
        input.remove_prefix(piece.size());
        reader.feed(piece);
        while (const auto reply = reader.next()) {
            read.any = true;
            note(*reply, 1, read);
        }
    }
    read.error = reader.error();
    if (!read.error.empty()) {
        reader.feed("+OK\r\n");
        expect(!reader.next() && reader.error() == read.error, "an error is final");
    }
    return read;
}

}  // namespace

void fuzz_reply(std::string_view input) {
    const ReadReplies whole = read_in_pieces(input, std::max<std::size_t>(input.size(), 1));
    const ReadReplies pieces = read_in_pieces(input, small_window(input));
    expect_same(whole.replies, pieces.replies, "pieces make no difference to the replies");
    expect(whole.error.empty() == pieces.error.empty(),
           "pieces make no difference to whether it is an error");
    // Before any reply the error says what the peer is instead, out of what has come by then.
    if (whole.any) {
        expect_same(whole.error, pieces.error, "pieces make no difference to the error");
    }
    expect(whole.elements <= input.size(), "a reply has a byte at least");
}

}  // namespace cachectl
