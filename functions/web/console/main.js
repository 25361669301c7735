/** Says whether the browser is signed in. */

const answer = await fetch("/v1/me");
const line = document.createElement("p");
line.textContent = answer.ok ? `Signed in as ${(await answer.json()).email}` : "Not signed in";
document.body.append(line);
