import "./shop.css";
import "htmx.org";
import "./common";
import "./shop/menus";
import "./shop/search-box";
import "./shop/listing";
import "./shop/product";
import "./shop/near";
import "./shop/checkout";

// Installable: the worker keeps what was built and has a page for when there is no network.
if ("serviceWorker" in navigator) window.addEventListener("load", () => void navigator.serviceWorker.register("/sw.js").catch(() => undefined));
