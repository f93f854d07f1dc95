#include "output/document.hpp"

namespace cachectl {

namespace {

void write_if_offered(const std::function<void()>& write) {
    if (write) {
        write();
    }
}

}  // namespace

void write_document(Writer& out, Format format, const Document& document) {
    switch (format) {
        case Format::table:
            return write_if_offered(document.table);
        case Format::plain:
            return write_if_offered(document.lines);
        case Format::csv:
            return write_if_offered(document.csv);
        case Format::prometheus:
            return write_if_offered(document.prometheus);
        case Format::json:
        case Format::ndjson:
            if (document.json) {
                JsonWriter json(out, layout_of(format));
                document.json(json);
            }
            return;
        case Format::folded:
        case Format::ncdu:
        case Format::nagios:
        case Format::sarif:
        case Format::junit:
        case Format::github:
            if (document.own) {
                document.own(format);
            }
            return;
    }
}

}  // namespace cachectl
