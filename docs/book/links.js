// Chapters link to files of the checkout, so that their links work on a forge. The documents that the book
// has as pages of its own have the same path here, from the root of the book, as there from the checkout.
"use strict";

const source = new URL("file:///docs/book/src/");
for (const link of document.querySelectorAll("main a[href^='../../../']")) {
    const target = new URL(link.getAttribute("href"), source);
    if (path_to_root === "" && target.pathname.endsWith(".html")) {
        link.setAttribute("href", target.pathname.slice(1) + target.hash);
    }
}
