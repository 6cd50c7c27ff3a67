import { useState } from "preact/hooks";
import { dropToken, keepToken, takeToken } from "../session";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

export function App() {
  const [token, setToken] = useState(takeToken);
  const [wrong, setWrong] = useState(false);
  if (token) {
    const signOut = (refused: boolean) => {
      dropToken();
      setWrong(refused);
      setToken(null);
    };
    return <Shell token={token} signOut={signOut} />;
  }
  const signIn = (t: string) => {
    keepToken(t);
    setWrong(false);
    setToken(t);
  };
  return <SignIn wrong={wrong} onToken={signIn} />;
}
