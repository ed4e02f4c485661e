"""queryset"""
