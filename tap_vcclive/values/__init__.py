"""What VCC Live sends to values that every target takes. Knows no Singer."""
