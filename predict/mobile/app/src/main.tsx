import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { followTheme } from "./theme";
import { App } from "./view/App";

followTheme();
const root = document.getElementById("app");
if (root) render(<App />, root);
