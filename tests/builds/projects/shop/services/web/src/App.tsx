import { useEffect, useState } from "react";

import { createOrder, listProducts, type Product } from "./api";
import { EMPTY, added, linesOf, money, totalOf } from "./basket";

export function App() {
  const [products, setProducts] = useState<Product[]>([]);
  const [basket, setBasket] = useState(EMPTY);
  const [message, setMessage] = useState("");

  useEffect(() => {
    listProducts().then(setProducts, told);
  }, []);

  function told(error: unknown) {
    setMessage(error instanceof Error ? error.message : "Something went wrong");
  }

  async function order() {
    try {
      const placed = await createOrder(linesOf(basket));
      setMessage(`Order ${placed.id} placed: ${money(placed.total_cents)}`);
      setBasket(EMPTY);
      setProducts(await listProducts());
    } catch (error) {
      told(error);
    }
  }

  return (
    <main>
      <h1>Shop</h1>
      <ul aria-label="Products">
        {products.map((product) => (
          <li key={product.id}>
            <span>
              {product.name}, {money(product.price_cents)}, {product.stock} in stock
            </span>
            <button type="button" onClick={() => setBasket(added(basket, product.id))}>
              Add {product.name}
            </button>
          </li>
        ))}
      </ul>
      <h2>Basket</h2>
      <ul aria-label="Basket">
        {products
          .filter((product) => basket.has(product.id))
          .map((product) => (
            <li key={product.id}>
              {basket.get(product.id)} × {product.name}
            </li>
          ))}
      </ul>
      <p>Total: {money(totalOf(basket, products))}</p>
      <button type="button" disabled={basket.size === 0} onClick={order}>
        Place order
      </button>
      <p role="status">{message}</p>
    </main>
  );
}
