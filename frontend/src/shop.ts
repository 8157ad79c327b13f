import "./shop.css";
import "htmx.org";
import "./common";
