import "./store.css";
import "htmx.org";
import "./common";
import "./store/sending";
import "./store/keeping";
import "./store/live";
import "./store/scan";
import "./store/clock";
import "./store/counter";

if ("serviceWorker" in navigator && location.pathname.startsWith("/store")) {
  void navigator.serviceWorker.register("/store/sw.js", { scope: "/store/" }).catch(() => undefined);
}
