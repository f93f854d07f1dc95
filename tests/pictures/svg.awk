# A screen with its colours (tmux capture-pane -e) becomes an SVG picture. Text is set run by run at
# the column where it stands, so that a browser's font need not be of exactly the terminal's width.
# Works on bytes: mawk knows no other characters.
BEGIN {
    cell = 7.8; height = 16
    colour[31] = "#d0443b"; colour[32] = "#3fa34d"; colour[33] = "#c79a1e"; colour[36] = "#2aa1b3"
    colour[39] = ""; colour[34] = "#4b78c9"; colour[35] = "#a45bb0"
}
function width_of(text) { gsub(/[\200-\277]/, "", text); return length(text) }
function escaped(text) {
    gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
    return text
}
# Words that are two blanks or more apart are runs of their own.
function write_run(text,   part, gap, word) {
    while (text != "") {
        if (match(text, /^  +/)) { column += RLENGTH; text = substr(text, RLENGTH + 1); continue }
        gap = match(text, /  +/)
        word = gap ? substr(text, 1, gap - 1) : text
        text = gap ? substr(text, gap) : ""
        if (word ~ /^ *$/) { column += width_of(word); continue }
        body = body sprintf("<text x=\"%.1f\" y=\"%d\"%s%s%s>%s</text>\n", 12 + column * cell, y,
            fill != "" ? " fill=\"" fill "\"" : "", bold ? " font-weight=\"bold\"" : "",
            dim ? " opacity=\"0.6\"" : "", escaped(word))
        column += width_of(word)
    }
}
{
    y = 24 + NR * height; column = 0; line = $0
    while (match(line, /\033\[[0-9;]*m/)) {
        before = substr(line, 1, RSTART - 1) # match() in write_run() sets RSTART anew
        codes = substr(line, RSTART + 2, RLENGTH - 3)
        line = substr(line, RSTART + RLENGTH)
        write_run(before)
        count = split(codes == "" ? "0" : codes, code, ";")
        for (i = 1; i <= count; i++) {
            if (code[i] == 0) { fill = ""; bold = dim = 0 }
            else if (code[i] == 1) bold = 1
            else if (code[i] == 2) dim = 1
            else if (code[i] == 22) bold = dim = 0
            else if (code[i] in colour) fill = colour[code[i]]
        }
    }
    write_run(line)
    if (column > widest) widest = column
}
END {
    total = 24 + widest * cell
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %d\" ", total, 40 + NR * height
    printf "font-family=\"DejaVu Sans Mono,Menlo,Consolas,monospace\" font-size=\"12.9\" fill=\"#d8dee4\">\n"
    printf "<rect width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"#1b1f24\"/>\n"
    printf "%s</svg>\n", body
}
