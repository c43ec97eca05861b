//! A page of HTML.

use std::fmt::Write;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;\
color:#222;background:#fff}table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;\
vertical-align:top}td.n,th.n{text-align:right}tr+tr td{border-top:1px solid #ddd}pre{background:#f5f5f5;\
padding:1rem;overflow:auto}.bar{display:inline-block;height:.8rem;background:#4a7}\
@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}pre{background:#262626}}";

/// Returns a whole page; the body is markup.
#[must_use]
pub fn page(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n{body}</body></html>\n"
    )
}

/// Returns a table. Cells are text; columns whose head begins with `#` are numbers.
pub fn table<'a>(heads: &[&str], rows: impl IntoIterator<Item = &'a Vec<String>>) -> String {
    let class = |head: &&str| match head.starts_with('#') {
        true => " class=\"n\"",
        false => "",
    };
    let mut text = String::from("<table>\n<tr>");
    for head in heads {
        let _ = write!(
            text,
            "<th{}>{}</th>",
            class(head),
            escaped(head.trim_start_matches('#'))
        );
    }
    text.push_str("</tr>\n");
    for row in rows {
        text.push_str("<tr>");
        for (cell, head) in row.iter().zip(heads) {
            let _ = write!(text, "<td{}>{}</td>", class(head), escaped(cell));
        }
        text.push_str("</tr>\n");
    }
    text + "</table>\n"
}

/// Escapes text for a page.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => kept.push_str("&amp;"),
            '<' => kept.push_str("&lt;"),
            '>' => kept.push_str("&gt;"),
            '"' => kept.push_str("&quot;"),
            '\'' => kept.push_str("&#39;"),
            _ => kept.push(letter),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        let evil = "<script>alert('1')</script>&\"";
        let page = page(evil, &table(&["a"], [&vec![evil.to_owned()]]));
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)"), "{page}");
    }
}
