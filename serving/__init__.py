"""What the MCP face is made of: tools, who may call them, what is told of the calls. Translates; decides nothing about a run."""
