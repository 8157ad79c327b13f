import "./kiosk.css";
import "htmx.org";
import "./common";
