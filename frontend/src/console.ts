import "./console.css";
import "htmx.org";
import "./common";
