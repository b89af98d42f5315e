import { createApp } from "./app.js";
import { Board } from "./board.js";

const port = Number(process.env.PORT ?? 3000);

createApp(new Board()).listen(port, "0.0.0.0");
