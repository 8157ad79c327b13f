import "./store.css";
import "htmx.org";
import "./common";
