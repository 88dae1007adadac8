"""Who is preferred to whom: from choices between two replies to strengths, ranks and what sways them."""
