// Renews the list of what is logged as it comes in. The list itself is written by the server: an event says that it
// is time to fetch it. Without this script one reloads the page.
import { LiveList } from "./live-list.js";

for (const box of document.querySelectorAll(".logged")) new LiveList(box).begin();
